//! Which study a citation means, and which claims rest on it.

use std::collections::BTreeSet;

use cns_narrative::{chunk, extract};
use cns_schemas::{DocumentSubmitted, Sno};

fn sno(text: &str) -> Sno {
    let document = DocumentSubmitted {
        document_id: "d1".to_owned(),
        corpus: "c".to_owned(),
        source: "s".to_owned(),
        text: text.to_owned(),
        ..DocumentSubmitted::default()
    };
    extract("t", &chunk(&document, 1).expect("it is text")).expect("it states something")
}

fn studies(sno: &Sno) -> BTreeSet<String> {
    sno.evidence.iter().filter(|e| e.resolved).map(|e| e.evidence_id.clone()).collect()
}

/// Two documents that cite one source each: its forms in them, whether it is the same, and why.
const ROWS: [(&str, &str, &str, &str, bool, &str); 8] = [
    (
        "(Smith et al., 2019)",
        "Smith J, Lee P. Coffee and the sleep of adults. J Sleep. 2019;12:3-9.",
        "[1]",
        "[1] Smith, J., & Lee, P. (2019). Coffee and the sleep of adults. Journal of Sleep, 12, 3–9.",
        true,
        "author and year against a number, Vancouver against APA",
    ),
    (
        "[3]",
        "[1] Roe K. Tea. 2018.\n[2] Poe L. Milk. 2018.\n[3] Smith J. Coffee and the sleep of adults. 2019.",
        "(Smith, 2019)",
        "Smith, John (2019): Coffee and the sleep of adults. Kent Press.",
        true,
        "a number against author and year, no identifier",
    ),
    (
        "Smith and Lee (2019)",
        "Smith J, Lee P. Coffee and the sleep of adults. 2019.",
        "[1]",
        "[1] J. Smith and P. Lee, “Coffee and the sleep of adults,” J. Sleep, vol. 12, 2019.",
        true,
        "quoted title",
    ),
    (
        "(Smith, 2019)",
        "Smith J. Coffee and the Sleep of Adults. 2019.",
        "[1]",
        "[1] Smith J. Coffee and the sleep of adults. 2019.",
        true,
        "case of the title",
    ),
    (
        "[1]",
        "[1] Smith J. Coffee and the sleep of adults. 2019.",
        "[1]",
        "[1] Smith J. Coffee and the sleep of children. 2019.",
        false,
        "another title by the same author in the same year",
    ),
    (
        "[1]",
        "[1] Smith J. Coffee and the sleep of adults. 2019.",
        "[1]",
        "[1] Smith J. Coffee and the sleep of adults. 2009.",
        false,
        "another year",
    ),
    (
        "[1]",
        "[1] Smith J. Coffee and the sleep of adults. 2019.",
        "[1]",
        "[1] Brown J. Coffee and the sleep of adults. 2019.",
        false,
        "another author",
    ),
    (
        "[1]",
        "[1] Smith J. Sleep. 2019.",
        "[1]",
        "[1] Smith J. Coffee. 2019.",
        false,
        "short titles",
    ),
];

#[test]
fn a_study_without_an_identifier_is_recognised_across_documents() {
    for (a, list_a, b, list_b, same, why) in ROWS {
        let read = |citation: &str, list: &str| {
            sno(&format!(
                "Coffee delays sleep by forty minutes {citation}.\n\nReferences\n\n{list}\n"
            ))
        };
        let (of_a, of_b) = (read(a, list_a), read(b, list_b));
        let cited = |sno: &Sno| sno.claims[0].evidence_ids.clone();
        assert_eq!(
            (cited(&of_a).len(), cited(&of_b).len()),
            (1, 1),
            "{why}: {:?} {:?}",
            cited(&of_a),
            cited(&of_b)
        );
        assert_eq!(cited(&of_a) == cited(&of_b), same, "{why}");
        assert!(studies(&of_a).contains(&cited(&of_a)[0]), "{why}");
    }
}

#[test]
fn a_claim_rests_on_what_its_neighbour_cites_for_it() {
    const LIST: &str = "\n\nReferences\n\n[1] Smith J. Coffee and sleep. 2019. doi:10.5555/x.1\n[2] Lee P. Tea and sleep. 2020. doi:10.5555/x.2\n";
    let cited = |text: &str| {
        let sno = sno(&format!("{text}{LIST}"));
        let claim = sno.claims.iter().find(|claim| claim.text.contains("delays sleep"));
        claim.expect("it is a claim").evidence_ids.clone()
    };
    let one = ["doi:10.5555/x.1".to_owned()];
    for text in [
        "Coffee delays sleep by 40 minutes [1].",
        "Coffee delays sleep by 40 minutes. This was seen in a trial of ninety adults [1].",
        "Ninety adults took part in a trial in Kent [1]. It found that coffee delays sleep by 40 minutes.",
        "Lee holds that tea helps [2], but we find that coffee delays sleep by 40 minutes [1].",
    ] {
        assert_eq!(cited(text), one, "{text}");
    }
    for text in [
        // The neighbour speaks of something else, against it, or in another paragraph.
        "Coffee delays sleep by 40 minutes. Tea is drunk in Kent [1].",
        "Coffee delays sleep by 40 minutes. This is disputed, however [1].",
        "Coffee delays sleep by 40 minutes.\n\nThis was seen in a trial of ninety adults [1].",
        "Ninety adults took part in a trial in Kent [1]. Coffee delays sleep by 40 minutes.",
    ] {
        assert_eq!(cited(text), Vec::<String>::new(), "{text}");
    }
}
