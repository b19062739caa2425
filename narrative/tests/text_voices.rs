//! What a document only reports of others is never its own hypothesis, and never a claim that it stands for.

use cns_narrative::{chunk, extract, propose};
use cns_schemas::{Claim, DocumentSubmitted, Sno};

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

/// The claims that the document makes in its own voice.
fn own(sno: &Sno) -> impl Iterator<Item = &Claim> {
    sno.claims.iter().filter(|claim| claim.attributed_to.is_none())
}

const OPPONENTS: [&str; 10] = [
    "Critics say that coffee is harmless to the sleep of adults [1].",
    "Critics of the trial claim coffee is harmless to the sleep of adults [1].",
    "Marlow et al. (2019) claim that coffee is harmless to the sleep of adults [1].",
    "Marlow et al. (2019) claim coffee is harmless to the sleep of adults [1].",
    "Marlow and Lee argue that coffee is harmless to the sleep of adults [1].",
    "According to Marlow, coffee is harmless to the sleep of adults [1].",
    "It is often said that coffee is harmless to the sleep of adults [1].",
    "A common view is that coffee is harmless to the sleep of adults [1].",
    "Some commentators believe that coffee is harmless to the sleep of adults [1].",
    "Opponents have long maintained that coffee is harmless to the sleep of adults [1].",
];
const LIST: &str = "\n\nReferences\n\n[1] Marlow J. Coffee and sleep. 2019. doi:10.5555/x.1\n";

#[test]
fn an_opponents_claim_is_kept_as_the_opponents() {
    for opponent in OPPONENTS {
        for text in [
            format!("{opponent} Afternoon coffee delays sleep by forty minutes.{LIST}"),
            format!("Afternoon coffee delays sleep by forty minutes. {opponent}{LIST}"),
        ] {
            let sno = sno(&text);
            assert_eq!(sno.hypothesis, "Afternoon coffee delays sleep by forty minutes.", "{text}");
            let said = own(&sno).find(|claim| claim.text.contains("harmless"));
            assert_eq!(said.map(|claim| &claim.text), None, "{text}");
            let kept = sno.claims.iter().find(|claim| claim.text.contains("harmless"));
            assert!(kept.is_some_and(|claim| claim.attributed_to.is_some()), "{text}");
        }
    }
}

#[test]
fn an_opponents_claim_inside_a_sentence_is_cut_off() {
    for text in [
        "Marlow et al. (2019) claim coffee is harmless, but we show that coffee delays sleep by forty minutes.",
        "Critics say that coffee is harmless, but our data show that coffee delays sleep by forty minutes.",
        "Contrary to the claim that coffee is harmless, we find that coffee delays sleep by forty minutes.",
        "Against the popular view that coffee is harmless, we find that coffee delays sleep by forty minutes.",
        "We find that coffee delays sleep by forty minutes, although critics claim that coffee is harmless.",
    ] {
        let sno = sno(&format!("{text} The trial ran in Kent."));
        assert!(
            sno.hypothesis.ends_with("coffee delays sleep by forty minutes.")
                || sno.hypothesis.ends_with("coffee delays sleep by forty minutes"),
            "{}",
            sno.hypothesis
        );
        assert!(own(&sno).all(|claim| !claim.text.contains("harmless")), "{:?}", sno.claims);
    }
}

#[test]
fn an_opponents_claim_conflicts_with_nobody() {
    let (mut a, mut b) = (
        sno(&format!("{} Coffee delays sleep by forty minutes.{LIST}", OPPONENTS[0])),
        sno("Coffee is harmful to the sleep of adults. Sleep was shorter by an hour."),
    );
    (a.sno_id, b.sno_id) = ("sno_a".into(), "sno_b".into());
    let pair = propose(&a, 0.7, &b, 0.7);
    assert!(
        pair.statements
            .iter()
            .all(|s| !s.a_text.contains("harmless") && !s.b_text.contains("harmless"))
    );
}

#[test]
fn a_blog_is_read_for_what_it_claims() {
    let check =
        |text: &str, expected: &str| assert_eq!(sno(text).hypothesis, expected, "of {text:?}");
    check(
        "# Why your honey hobby hurts wild bees\n\nHello again, friends! I spent the weekend in the garden with my tea. You asked me about the hives on the roof. Honey bees crowd wild bees out of city gardens. Anyway, see you next week.",
        "Honey bees crowd wild bees out of city gardens.",
    );
    check(
        "Working from home makes people lonely\n\nSo, I have been thinking about this all week. My neighbour moved her desk to the kitchen in March. People who work from home are lonelier than people in offices. Let me know what you think!",
        "People who work from home are lonelier than people in offices.",
    );
    check(
        "# Standing desks: a love story\n\nMy back and I go way back. Last spring my boss bought twelve desks for us. Standing desks do not reduce back pain in office workers. I still like mine, though.",
        "Standing desks do not reduce back pain in office workers.",
    );
}
