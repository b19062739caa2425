//! Lists: order, filters, and cursors that hold while rows arrive.

use cns_schemas::{Fact, Sno, SnoDecided, SnoFate};
use serde_json::{Value, json};

use crate::world::{World, cut, cut_version, fact, sent};

fn decided(document_id: &str, corpus: &str, fate: SnoFate, trust: f64) -> Fact {
    let sno = Sno {
        sno_id: format!("sno_{document_id}"),
        corpus: corpus.into(),
        document_ids: vec![document_id.into()],
        document_version: 1,
        ..Sno::default()
    };
    let decision = SnoDecided { sno, fate, trust, ..SnoDecided::default() };
    let job = format!("job-{document_id}");
    Fact {
        outputs: vec![sent("decision", "", &decision)],
        ..fact("synthesize", &job, "verdict", corpus)
    }
}

fn ids(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["sno_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Corpora whose facts lie in different audit partitions.
const CORPORA: [&str; 4] = ["a", "b", "c", "d"];

#[tokio::test]
async fn pages_neither_repeat_nor_hide_while_rows_arrive() {
    let mut world = World::new();
    for n in 0..20 {
        world.happens(decided(&format!("d{n:02}"), CORPORA[n % 4], SnoFate::Admitted, 0.5));
    }
    let expected: Vec<String> = (0..20).rev().map(|n| format!("sno_d{n:02}")).collect();
    for limit in [1, 3, 7, 19, 20, 200] {
        let mut path = format!("/v1/snos?limit={limit}");
        let mut seen = Vec::new();
        loop {
            let page = world.seen(&path).await;
            assert!(page["items"].as_array().unwrap().len() <= limit);
            seen.extend(ids(&page));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/snos?limit={limit}&cursor={cursor}");
            // Something new arrives between two pages.
            let n = 100 + seen.len();
            world.happens(decided(
                &format!("new{limit}-{n}"),
                CORPORA[n % 4],
                SnoFate::Admitted,
                0.5,
            ));
        }
        seen.retain(|id| !id.starts_with("sno_new"));
        assert_eq!(seen, expected, "limit {limit}");
    }
}

#[tokio::test]
async fn any_id_can_be_passed_in_a_cursor() {
    let mut world = World::new();
    let wide = |n: usize| format!("{}{n}", "\u{1f600}".repeat(199));
    for n in 0..3 {
        // A foreign producer names its job as it likes.
        world.happens(cut(&format!("{}{n}", "j".repeat(5000)), &wide(n), "a"));
    }
    for (list, id) in [("documents", "document_id"), ("jobs", "job_id")] {
        let mut path = format!("/v1/{list}?limit=1");
        let mut seen = Vec::new();
        while seen.len() < 4 {
            let page = world.seen(&path).await;
            seen.push(page["items"][0][id].as_str().unwrap().chars().last().unwrap());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/{list}?limit=1&cursor={cursor}");
        }
        assert_eq!(seen, ['2', '1', '0'], "{list}");
    }
}

#[tokio::test]
async fn filters_hold_together() {
    let mut world = World::new();
    world.happens(decided("d1", "a", SnoFate::Admitted, 0.9));
    world.happens(decided("d2", "a", SnoFate::Archived, 0.2));
    world.happens(decided("d3", "b", SnoFate::Admitted, 0.4));
    world.happens(decided("d4", "a", SnoFate::Duplicate, 0.6));
    let cases: &[(&str, &[&str])] = &[
        ("", &["sno_d4", "sno_d3", "sno_d2", "sno_d1"]),
        ("corpus=a", &["sno_d4", "sno_d2", "sno_d1"]),
        ("corpus=none", &[]),
        ("status=admitted", &["sno_d3", "sno_d1"]),
        ("min_trust=0.4", &["sno_d4", "sno_d3", "sno_d1"]),
        ("corpus=a&status=admitted&min_trust=0.9", &["sno_d1"]),
        ("provenance=synthesis", &[]),
        ("provenance=document&limit=2", &["sno_d4", "sno_d3"]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(&world.seen(&format!("/v1/snos?{query}")).await), *expected, "{query}");
    }
}

#[tokio::test]
async fn a_rare_filter_finds_what_is_far_down() {
    let mut world = World::new();
    world.write(decided("rare", "a", SnoFate::Archived, 0.1));
    for n in 0..700 {
        world.write(decided(&format!("d{n}"), "a", SnoFate::Admitted, 0.5));
    }
    world.fold().unwrap();
    let page = world.seen("/v1/snos?status=archived&limit=1").await;
    assert_eq!((ids(&page), &page["next_cursor"]), (vec!["sno_rare".to_owned()], &json!(null)));
}

#[tokio::test]
async fn jobs_and_documents_are_listed_by_what_became_of_them() {
    let mut world = World::new();
    for document_id in ["d1", "d2"] {
        world.happens(cut(&format!("job-{document_id}"), document_id, "a"));
    }
    world.happens(decided("d1", "a", SnoFate::Admitted, 0.9));
    let jobs = world.seen("/v1/jobs?status=processing").await;
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1);
    assert_eq!(jobs["items"][0]["job_id"], "job-d2");
    let documents = world.seen("/v1/documents?status=admitted&corpus=a").await;
    assert_eq!(documents["items"][0]["document_id"], "d1");
    assert_eq!(documents["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_id_in_two_corpora_asks_which() {
    let mut world = World::new();
    world.happens(cut("job-1", "d1", "a"));
    assert_eq!(world.seen("/v1/documents/d1").await["corpus"], "a");
    world.happens(cut("job-2", "d1", "b"));
    let answer = world.get("/v1/documents/d1").await;
    assert_eq!(answer.status.as_u16(), 400);
    let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("`a`") && message.contains("`b`"), "{message}");
    assert_eq!(world.seen("/v1/documents/d1?corpus=b").await["corpus"], "b");
}

#[tokio::test]
async fn a_new_version_supersedes_the_old() {
    let mut world = World::new();
    world.happens(cut("job-d1", "d1", "a"));
    world.happens(decided("d1", "a", SnoFate::Admitted, 0.9));
    world.happens(cut_version("job-2", "d1", "a", 2));
    let sno = Sno {
        sno_id: "sno_new".into(),
        corpus: "a".into(),
        document_ids: vec!["d1".into()],
        document_version: 2,
        ..Sno::default()
    };
    let decision =
        SnoDecided { sno, supersedes: vec!["sno_d1".into()], trust: 0.8, ..SnoDecided::default() };
    let outputs = vec![sent("decision", "", &decision)];
    world.happens(Fact { outputs, ..fact("synthesize", "job-2", "verdict", "a") });
    let old = world.seen("/v1/snos/sno_d1").await;
    assert_eq!((&old["status"], &old["superseded_by"]), (&json!("superseded"), &json!("sno_new")));
    assert_eq!(ids(&world.seen("/v1/snos?status=admitted").await), ["sno_new"]);
    let document = world.seen("/v1/documents/d1").await;
    assert_eq!((&document["version"], &document["sno_id"]), (&json!(2), &json!("sno_new")));
    assert_eq!(document["versions"][1]["sno_id"], "sno_d1");
    let counts = &world.seen("/v1/status").await["counts"];
    assert_eq!(
        (&counts["documents"], &counts["snos"]["admitted"], &counts["snos"]["superseded"]),
        (&json!(1), &json!(1), &json!(1))
    );
}

#[tokio::test]
async fn sorted_lists_go_page_by_page_and_follow_what_is_decided() {
    let mut world = World::new();
    for n in 0..20 {
        let trust = f64::from(n * 7 % 20) / 20.0;
        world.happens(decided(
            &format!("d{n:02}"),
            CORPORA[n as usize % 4],
            SnoFate::Admitted,
            trust,
        ));
    }
    // Decided again, with another trust: it stands in one place alone.
    world.happens(decided("d03", CORPORA[3], SnoFate::Admitted, 0.99));
    let mut expected: Vec<(i32, String)> =
        (0..20).filter(|n| *n != 3).map(|n| (-(n * 7 % 20), format!("sno_d{n:02}"))).collect();
    expected.sort();
    let mut expected: Vec<String> = expected.into_iter().map(|(_, id)| id).collect();
    expected.insert(0, "sno_d03".into());
    for limit in [1, 3, 19, 200] {
        let mut path = format!("/v1/snos?sort=-trust&limit={limit}");
        let mut seen = Vec::new();
        loop {
            let page = world.seen(&path).await;
            seen.extend(ids(&page));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/snos?sort=-trust&limit={limit}&cursor={cursor}");
        }
        assert_eq!(seen, expected, "limit {limit}");
    }
    let page = world.seen("/v1/snos?sort=-trust&limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let other = world.get(&format!("/v1/snos?limit=1&cursor={cursor}")).await.json();
    assert_eq!(other["errors"][0]["pointer"], "/cursor", "a cursor belongs to its sort");
    let unknown = world.get("/v1/snos?sort=-age").await.json();
    assert_eq!(unknown["errors"][0]["message"], "has to be one of: -recorded, -trust");
    assert_eq!(ids(&world.seen("/v1/snos?sort=-trust&corpus=b&limit=2").await).len(), 2);
}

#[tokio::test]
async fn a_list_begins_at_a_time() {
    let mut world = World::new();
    for n in 0..6 {
        world.happens(decided(&format!("d{n}"), CORPORA[n % 4], SnoFate::Admitted, 0.5));
    }
    // Facts are decided at 1001, 1002 and so on.
    for query in ["since=1004", "since=1970-01-01T00:00:01.004Z", "since=1004&sort=-trust"] {
        let mut found = ids(&world.seen(&format!("/v1/snos?{query}")).await);
        found.sort();
        assert_eq!(found, ["sno_d3", "sno_d4", "sno_d5"], "{query}");
    }
    assert_eq!(ids(&world.seen("/v1/snos?since=1970-01-02").await), [""; 0]);
    assert_eq!(ids(&world.seen("/v1/snos?since=1970-01-01T00:00Z").await).len(), 6);
    for bad in ["yesterday", "1970-13-01", "1.5", "-1"] {
        let problem = world.get(&format!("/v1/jobs?since={bad}")).await.json();
        assert_eq!(problem["errors"][0]["pointer"], "/since", "{bad}");
    }
}
