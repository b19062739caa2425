//! What can be said without an entailment model. Thresholds are fitted on other claims than those that they
//! are measured on, so that a baseline is as good as it honestly can be.

use super::{Known, Label, Said};
use crate::eval::measure::Confusion;

/// Parts that rows are divided into.
pub const FOLDS: usize = 5;
/// Thresholds that are tried: so many parts of the rows.
const OVERLAP_PARTS: usize = 40;
const COSINE_PARTS: usize = 16;

const NEUTRAL: usize = Label::Neutral as usize;

/// Of every row the class that most rows are.
pub fn majority(labels: &[Label]) -> Vec<Said> {
    let count = |class: Label| labels.iter().filter(|label| **label == class).count();
    let most = Label::ALL.into_iter().rev().max_by_key(|class| count(*class));
    let class = most.unwrap_or(Label::Neutral) as usize;
    vec![Said { class, ranks: [0.0; 3], leaning: 0.0, confidence: None }; labels.len()]
}

/// Evidence that has enough of the claim's words supports it, or refutes it when one of them denies and the
/// other does not.
pub fn overlap(known: &[Known], labels: &[Label], folds: &[usize]) -> Vec<Said> {
    let covers: Vec<f64> = known.iter().map(|known| known.evidence.covers(&known.claim)).collect();
    let denied = |row: usize| known[row].evidence.denies() != known[row].claim.denies();
    let class = |row: usize, threshold: f64| match (covers[row] >= threshold, denied(row)) {
        (false, _) => NEUTRAL,
        (true, false) => Label::Supports as usize,
        (true, true) => Label::Refutes as usize,
    };
    let fit = |rows: &[usize]| {
        let tried = quantiles(rows, &covers, OVERLAP_PARTS).into_iter();
        let scored = tried.map(|threshold| {
            let said = rows.iter().map(|row| (labels[*row] as usize, class(*row, threshold), 1.0));
            (Confusion::of(said).macro_f1().unwrap_or_default(), threshold)
        });
        best(scored, f64::INFINITY)
    };
    let classes = held_out(folds, fit, |threshold, row| class(row, *threshold));
    let said = classes.into_iter().enumerate().map(|(row, class)| {
        let leaning = if denied(row) { -covers[row] } else { covers[row] };
        Said { class, ranks: [leaning, -covers[row], -leaning], leaning, confidence: None }
    });
    said.collect()
}

/// Two thresholds on the cosine alone, and for each of the three ranges the class that fits best.
pub fn cosine(known: &[Known], labels: &[Label], folds: &[usize]) -> Vec<Said> {
    let cosines: Vec<f64> = known.iter().map(|known| known.cosine).collect();
    let range = |row: usize, (low, high): (f64, f64)| {
        usize::from(cosines[row] >= low) + usize::from(cosines[row] >= high)
    };
    let fit = |rows: &[usize]| {
        let tried = quantiles(rows, &cosines, COSINE_PARTS);
        let pairs = tried.iter().flat_map(|low| tried.iter().map(move |high| (*low, *high)));
        let scored = pairs.filter(|(low, high)| low <= high).flat_map(|thresholds| {
            let mut counts = [[0.0; 3]; 3];
            for row in rows {
                counts[range(*row, thresholds)][labels[*row] as usize] += 1.0;
            }
            assignments().map(move |classes| {
                (told(&counts, classes).macro_f1().unwrap_or_default(), (thresholds, classes))
            })
        });
        best(scored, ((f64::INFINITY, f64::INFINITY), [NEUTRAL; 3]))
    };
    let classes =
        held_out(folds, fit, |(thresholds, classes), row| classes[range(row, *thresholds)]);
    let said = classes.into_iter().zip(&cosines).map(|(class, cosine)| Said {
        class,
        ranks: [*cosine, -cosine, *cosine],
        leaning: *cosine,
        confidence: None,
    });
    said.collect()
}

/// Every way to give the three ranges classes.
fn assignments() -> impl Iterator<Item = [usize; 3]> {
    (0..27).map(|number| [number / 9, number / 3 % 3, number % 3])
}

/// The confusion of ranges `[range][is]` under the classes that they are given.
fn told(counts: &[[f64; 3]; 3], classes: [usize; 3]) -> Confusion {
    let rows = counts.iter().zip(classes);
    let rows = rows.flat_map(|(counts, said)| (0..3).map(move |is| (is, said, counts[is])));
    Confusion::of(rows)
}

/// For each row what a rule says that was fitted on the rows of the other parts.
fn held_out<R>(
    folds: &[usize],
    fit: impl Fn(&[usize]) -> R,
    say: impl Fn(&R, usize) -> usize,
) -> Vec<usize> {
    let others =
        |part: usize| (0..folds.len()).filter(|row| folds[*row] != part).collect::<Vec<_>>();
    let rules: Vec<R> = (0..FOLDS).map(|part| fit(&others(part))).collect();
    folds.iter().enumerate().map(|(row, part)| say(&rules[*part], row)).collect()
}

/// Values that divide these rows into parts of about the same size; each once.
fn quantiles(rows: &[usize], values: &[f64], parts: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = rows.iter().map(|row| values[*row]).collect();
    sorted.sort_by(f64::total_cmp);
    let mut found: Vec<f64> =
        (0..parts).filter_map(|part| sorted.get(part * sorted.len() / parts).copied()).collect();
    found.dedup();
    found
}

/// The first of those with the highest score.
fn best<T>(scored: impl Iterator<Item = (f64, T)>, otherwise: T) -> T {
    scored
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map_or(otherwise, |(_, t)| t)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cns_processors::models::features::Read;
    use cns_schemas::Scores;

    use super::*;
    use crate::eval::measure::Groups;

    fn known(evidence: &str, claim: &str, cosine: f64) -> Known {
        let scores = Scores::default();
        let read = |text| Arc::new(Read::of(text));
        Known { scores, cosine, evidence: read(evidence), claim: read(claim) }
    }

    #[test]
    fn words_tell_refutation_and_the_cosine_does_not() {
        let (mut rows, mut labels, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..30 {
            let claim = format!("Drug {number} lowers fever.");
            let near = 0.8;
            rows.push(known(&format!("We saw that drug {number} lowers fever."), &claim, near));
            rows.push(known(&format!("Drug {number} does not lower fever."), &claim, near));
            rows.push(known("Bells are tuned by hand.", &claim, 0.1));
            labels.extend([Label::Supports, Label::Refutes, Label::Neutral]);
            keys.extend([claim.clone(), claim.clone(), claim]);
        }
        let folds = Groups::of(keys.iter().map(String::as_str)).folds(FOLDS, 1);
        let right = |said: &[Said]| {
            said.iter().zip(&labels).filter(|(said, label)| said.class == **label as usize).count()
        };
        assert_eq!(right(&overlap(&rows, &labels, &folds)), 90);
        assert_eq!(right(&cosine(&rows, &labels, &folds)), 60);
        assert_eq!(right(&majority(&labels)), 30);
    }

    #[test]
    fn one_claim_alone_leaves_nothing_to_fit_on() {
        let rows = [known("Drug lowers fever.", "Drug lowers fever.", 1.0)];
        assert_eq!(overlap(&rows, &[Label::Supports], &[0])[0].class, NEUTRAL);
        assert_eq!(cosine(&rows, &[Label::Supports], &[0])[0].class, NEUTRAL);
    }
}
