//! Two sides and a model that judges them, for the tests of what a pair comes to.

use cns_narrative::{judge, propose};
use cns_schemas::{Claim, Evidence, PairJudged, Quote, Scores, Sno, Span, StatementVerdict};

pub fn sno(id: &str, document: &str, hypothesis: &str, claims: &[(&str, &[&str])]) -> Sno {
    let claim = |place: usize, text: &str, ids: &[&str]| Claim {
        claim_id: if place == 0 { "root".into() } else { format!("c{place}") },
        text: text.into(),
        document_id: document.into(),
        span: Span { start: place as u32 * 100, end: place as u32 * 100 + 50 },
        evidence_ids: ids.iter().map(|id| (*id).into()).collect(),
        ..Claim::default()
    };
    let mut all = vec![claim(0, hypothesis, &[])];
    all.extend(claims.iter().enumerate().map(|(place, (text, ids))| claim(place + 1, text, ids)));
    let mut evidence: Vec<Evidence> = Vec::new();
    for claim in &all {
        for id in &claim.evidence_ids {
            let quote =
                Quote { document_id: document.into(), span: claim.span, text: claim.text.clone() };
            match evidence.iter_mut().find(|e| e.evidence_id == *id) {
                Some(known) => known.quotes.push(quote),
                None => evidence.push(Evidence {
                    evidence_id: id.clone(),
                    resolved: !id.contains("absent"),
                    quotes: vec![quote],
                    ..Evidence::default()
                }),
            }
        }
    }
    Sno {
        sno_id: id.into(),
        document_ids: vec![document.into()],
        hypothesis: hypothesis.into(),
        claims: all,
        evidence,
        ..Sno::default()
    }
}

/// The two sides of the worked example on missing mass, in short.
pub fn galaxies() -> (Sno, Sno) {
    let a = sno(
        "sno_a",
        "doc-A",
        "Galaxies sit inside extended halos of unseen matter.",
        &[
            ("The flat rotation of spirals needs unseen mass.", &["doi:rc"]),
            ("The lensing mass of the cluster is displaced from the gas.", &["doi:bc"]),
            (
                "The microwave background needs a cold component about five times the baryon density.",
                &["doi:cmb"],
            ),
            ("Halo growth sets the mass of galaxies.", &["doi:btfr"]),
            ("Halos were photographed in 1999.", &["ref:absent1"]),
        ],
    );
    let b = sno(
        "sno_b",
        "doc-B",
        "Galaxies do not sit inside extended halos of unseen matter.",
        &[
            ("The flat rotation of spirals needs no unseen mass.", &["doi:rc"]),
            ("Baryons set the mass of galaxies.", &["doi:btfr"]),
            ("Observed acceleration follows visible matter along one curve.", &["doi:rar"]),
            ("The lensing mass of the cluster is displaced from the gas.", &["doi:bc"]),
        ],
    );
    (a, b)
}

pub fn verdict(entailment: f32, contradiction: f32) -> StatementVerdict {
    let scores = Scores { entailment, contradiction, neutral: 1.0 - entailment - contradiction };
    StatementVerdict { forward: scores, backward: scores }
}

/// A model that knows negation by "no" and "not", and equality.
pub fn judged(a: &Sno, b: &Sno) -> PairJudged {
    let pair = propose(a, 0.726, b, 0.6258);
    let plain =
        |text: &str| text.replace(" do not ", " ").replace(" not ", " ").replace(" no ", " ");
    let verdicts = pair
        .statements
        .iter()
        .map(|s| match (s.a_text == s.b_text, plain(&s.a_text) == plain(&s.b_text)) {
            (true, _) => verdict(0.96, 0.01),
            (false, true) => verdict(0.01, 0.94),
            _ if s.a_text.contains(" minutes ") => verdict(0.05, 0.2),
            _ => verdict(0.05, 0.05),
        })
        .collect();
    judge(pair, verdicts)
}
