//! Two texts about the same galaxies that disagree: what must come out of them, key by key.

use std::collections::BTreeSet;

use cns_narrative::{chunk, extract};
use cns_schemas::{ClaimType, DocumentSubmitted, EvidenceKind, RelationType, Sno};

const HALOS: &str = "We argue that each galaxy is embedded in a wide halo of matter that nobody has seen. \
    In the outskirts of spirals, stars circle about as fast as those near the middle [doi:10.1086/150317], therefore mass must \
    be present where no light comes from. In the colliding cluster 1E 0657-56 the mass seen by lensing lies apart from the hot \
    gas [doi:10.1086/508162], thus most of it passes through itself freely. The peaks in the microwave background require a cold \
    component of about five times the density of baryons [doi:10.1051/0004-6361/201833910]. The mass of stars and gas goes with \
    the fourth power of the speed of rotation [doi:10.1088/0004-6256/143/2/40] because a halo and its galaxy grow together.";

const DYNAMICS: &str = "We argue that galaxies need no unseen matter, because the law of motion changes below an acceleration of \
    some 1.2e-10 m/s². The speed of rotation stays flat far out in spirals [doi:10.1086/150317], as the changed law predicts \
    from the visible mass alone. The mass of stars and gas goes with the fourth power of that speed with hardly any scatter \
    [doi:10.1088/0004-6256/143/2/40], therefore baryons set the motion. The measured acceleration follows the one expected from \
    visible matter along a single curve [doi:10.1103/PhysRevLett.117.201101]. However, the displaced lensing in 1E 0657-56 \
    [doi:10.1086/508162] leaves about a factor of two in clusters without an explanation.";

fn sno(document_id: &str, text: &str) -> Sno {
    let document = DocumentSubmitted {
        document_id: document_id.to_owned(),
        corpus: "galaxies".to_owned(),
        source: "worked example".to_owned(),
        text: text.to_owned(),
        ..DocumentSubmitted::default()
    };
    extract("t", &chunk(&document, 1).expect("the text has sentences")).expect("the text argues")
}

fn keys(sno: &Sno) -> BTreeSet<&str> {
    sno.evidence.iter().map(|evidence| evidence.evidence_id.as_str()).collect()
}

fn edges(sno: &Sno) -> Vec<(&str, &str, RelationType)> {
    sno.relations.iter().map(|edge| (&*edge.source, &*edge.target, edge.relation_type)).collect()
}

#[test]
fn evidence_is_shared_by_identity() {
    let (a, b) = (sno("doc-A", HALOS), sno("doc-B", DYNAMICS));
    let shared: Vec<_> = keys(&a).intersection(&keys(&b)).copied().collect();
    assert_eq!(
        shared,
        ["doi:10.1086/150317", "doi:10.1086/508162", "doi:10.1088/0004-6256/143/2/40"]
    );
    assert_eq!(keys(&a).union(&keys(&b)).count(), 5);
    for evidence in a.evidence.iter().chain(&b.evidence) {
        assert_eq!(
            (evidence.kind, evidence.resolved, evidence.quotes.len()),
            (EvidenceKind::Doi, true, 1)
        );
    }
}

#[test]
fn each_text_has_a_root_and_four_claims() {
    use RelationType::{Explains, Supports, Weakens};
    let (a, b) = (sno("doc-A", HALOS), sno("doc-B", DYNAMICS));
    for sno in [&a, &b] {
        assert_eq!(sno.claims.len(), 5);
        assert!(sno.hypothesis.starts_with("We argue"));
        assert_eq!(sno.claims[0].claim_type, ClaimType::CentralHypothesis);
        assert!(sno.claims[1..].iter().all(|claim| claim.evidence_ids.len() == 1));
        assert!(sno.refused.is_empty() && sno.flags.is_empty());
    }
    assert_eq!(
        edges(&a),
        [
            ("c1", "root", Supports),
            ("c2", "root", Supports),
            ("c3", "root", Supports),
            ("c4", "root", Explains)
        ]
    );
    assert_eq!(
        edges(&b),
        [
            ("c1", "root", Supports),
            ("c2", "root", Supports),
            ("c3", "root", Supports),
            ("c4", "root", Weakens)
        ]
    );
    assert_ne!(a.sno_id, b.sno_id);
}
