//! Small documents that agree, oppose, repeat and fail, drawn from a seed.

use cns_schemas::DocumentSubmitted;

pub struct Submission {
    pub tenant: String,
    pub body: DocumentSubmitted,
}

const CLAIMS: [(&str, &str); 4] = [
    (
        "Afternoon coffee increases the output of office workers",
        "Afternoon coffee does not increase the output of office workers",
    ),
    ("Early rye lowers the yield of spring maize", "Early rye raises the yield of spring maize"),
    ("Filters reduce traffic on boundary roads", "Filters do not reduce traffic on boundary roads"),
    (
        "Later school starts improve the sleep of pupils",
        "Later school starts worsen the sleep of pupils",
    ),
];

pub fn text(random: &mut fastrand::Rng) -> String {
    let (claim, opposite) = CLAIMS[random.usize(0..2)];
    let headline = if random.bool() { claim } else { opposite };
    let study = random.u32(1..4);
    let other = random.u32(1..6);
    format!(
        "We find that {}. {headline} in a trial of 120 people [1]. The effect was 6 percent in survey {study}, because \
         the measure was taken late [2]. However, critics claim that the sample was small.\n\nReferences\n\
         1. Marlow T. A trial. 2019. doi:10.5555/sim.{study}\n2. Idris P. A survey. 2020. doi:10.5555/sim.{other}\n",
        headline.to_lowercase(),
    )
}

pub fn workload(random: &mut fastrand::Rng) -> Vec<Submission> {
    let mut documents: Vec<Submission> = Vec::new();
    for index in 0..random.usize(4..9) {
        let tenant = if random.u32(0..5) == 0 { "other" } else { "acme" };
        let corpus = if random.u32(0..4) == 0 { "beans" } else { "coffee" };
        let dice = random.u32(0..20);
        let (document_id, text) = match (dice, documents.last()) {
            (0, _) => (format!("d{index}"), "   ".to_owned()),
            (1, _) => (format!("d{index}"), "?!".to_owned()),
            // The same again, the same under another id, a new version.
            (2 | 3, Some(last)) => (last.body.document_id.clone(), last.body.text.clone()),
            (4, Some(last)) => (format!("d{index}"), last.body.text.clone()),
            (5 | 6, Some(last)) => (last.body.document_id.clone(), text(random)),
            _ => (format!("d{index}"), text(random)),
        };
        let body = DocumentSubmitted {
            document_id,
            corpus: corpus.into(),
            source: format!("s{index}.txt"),
            text,
            ..DocumentSubmitted::default()
        };
        documents.push(Submission { tenant: tenant.into(), body });
    }
    documents
}
