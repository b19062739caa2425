//! One tenant sees nothing of another, whatever it asks for: over all routes of the table.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use cns_api::{
    JobIds, Need, ROUTES,
    access::{ApiKey, Scope},
};
use cns_schemas::{
    Claim, CriticReport, DeadLetter, Fact, Fault, FaultCode, Finding, Narrative, Origin, Outcome,
    PairDecided, PairFate, PairJudged, PairProposed, PairSide, Provenance, Retry, Section, Side,
    Sno, SnoDecided, SnoFate, SnoProposed, StatementPair, StatementVerdict,
};
use serde_json::Value;

use crate::{
    access::{FAST, KeyRing, with},
    world::{Answer, KEY, World, chunked, fact, sent},
};

const CORPUS: &str = "coffee";

/// Everything that the views show, of one tenant: its mark stands in every text. With a suffix the ids are its
/// own; without one they are those of the other tenant too.
struct Story {
    tenant: &'static str,
    mark: &'static str,
    suffix: &'static str,
}

impl Story {
    fn id(&self, id: &str) -> String {
        format!("{id}{}", self.suffix)
    }

    fn sno(&self, id: &str, provenance: Provenance) -> Sno {
        let (mark, documents) = (self.mark, vec![self.id("d1"), self.id("d2")]);
        let finding = Finding {
            section: Section::Unresolved,
            text: format!("{mark} is open."),
            basis: format!("{mark} basis"),
            sides: vec![Side { text: format!("{mark} said"), ..Side::default() }],
            ..Finding::default()
        };
        let narrative = Narrative {
            summary: format!("{mark} summary"),
            findings: vec![finding],
            open_points: vec![format!("{mark} trial")],
            prose: format!("{mark} prose"),
        };
        let synthesis = provenance == Provenance::Synthesis;
        Sno {
            sno_id: self.id(id),
            corpus: CORPUS.into(),
            document_version: 1,
            hypothesis: format!("{mark} hypothesis"),
            claims: vec![Claim { text: format!("{mark} claim"), ..Claim::default() }],
            parent_ids: if synthesis { vec![self.id("s1"), self.id("s2")] } else { vec![] },
            document_ids: if synthesis { documents } else { vec![id.replace('s', &self.id("d"))] },
            narrative: synthesis.then_some(narrative),
            provenance,
            ..Sno::default()
        }
    }

    fn decided(&self, sno: Sno) -> Fact {
        let explanation = format!("{} explains", self.mark);
        let report = CriticReport { explanation, ..CriticReport::default() };
        let pair_id = (sno.provenance == Provenance::Synthesis).then(|| self.id("p1"));
        let decision = SnoDecided {
            fate: SnoFate::Admitted,
            reason: format!("{} reason", self.mark),
            reports: vec![report],
            weights: vec![1.0],
            pair_id,
            sno,
            ..SnoDecided::default()
        };
        self.of("synthesize", vec![sent("decision", "", &decision)])
    }

    fn of(&self, stage: &str, outputs: Vec<cns_schemas::Sent>) -> Fact {
        let base = fact(stage, &self.id("job1"), &self.id("event"), CORPUS);
        Fact { tenant: self.tenant.into(), outputs, ..base }
    }

    fn pair(&self) -> Fact {
        let side = |id: &str| PairSide {
            sno_id: self.id(id),
            hypothesis: format!("{} hypothesis", self.mark),
            ..PairSide::default()
        };
        let statement = StatementPair {
            a_text: format!("{} raises", self.mark),
            b_text: format!("{} lowers", self.mark),
            ..StatementPair::default()
        };
        let pair = PairProposed {
            pair_id: self.id("p1"),
            corpus: CORPUS.into(),
            a: side("s1"),
            b: side("s2"),
            statements: vec![statement],
            ..PairProposed::default()
        };
        let judged = PairJudged { pair, verdicts: vec![StatementVerdict::default()] };
        let decided = PairDecided {
            judged,
            fate: PairFate::Synthesized,
            reason: format!("{} why", self.mark),
            opposition_gate: 0.6,
            synthesis_id: Some(self.id("s3")),
        };
        let sno = self.sno("s3", Provenance::Synthesis);
        let proposed = SnoProposed { sno, pair_id: Some(self.id("p1")) };
        let outputs = vec![sent("pair", "", &decided), sent("candidate", "candidates", &proposed)];
        self.of("synthesize", outputs)
    }

    fn dead_letter(&self) -> Fact {
        let fault = Fault {
            code: FaultCode::NoExtractableText,
            detail: format!("{} fault", self.mark),
            retry: Retry::Later,
            mend: "Mend it.".into(),
        };
        let letter = DeadLetter {
            dead_letter_id: self.id("l1"),
            stage: "chunk".into(),
            origin: Origin { topic: "documents".into(), partition: 2, offset: 41 },
            fault: fault.clone(),
            key: self.mark.into(),
            value: self.mark.into(),
        };
        let sent = vec![sent("letter", "dead-letters", &letter)];
        let fact = Fact { job: self.id("job2"), ..self.of("chunk", sent) };
        Fact { outcome: Outcome::DeadLettered, fault: Some(fault), ..fact }
    }

    fn happens_in(&self, world: &mut World) {
        for n in ["1", "2"] {
            let document = cns_schemas::DocumentChunked {
                plain: format!("{} text", self.mark),
                source: format!("{}.pdf", self.mark),
                ..chunked(&self.id(&format!("d{n}")), CORPUS, 1)
            };
            world.happens(self.of("chunk", vec![sent("passage", "passages", &document)]));
            world.happens(self.decided(self.sno(&format!("s{n}"), Provenance::Document)));
        }
        world.happens(self.pair());
        world.happens(self.decided(self.sno("s3", Provenance::Synthesis)));
        world.happens(self.dead_letter());
    }

    /// A path of a route with the id of a thing that is there.
    fn path(&self, route: &str) -> String {
        let things = [
            ("documents", "d1"),
            ("jobs", "job1"),
            ("snos", "s1"),
            ("conflicts", "p1"),
            ("syntheses", "s3"),
            ("dead-letters", "l1"),
        ];
        let route = &route.replace("{corpus}", CORPUS);
        let Some((before, after)) = route.split_once("{id}") else { return route.to_owned() };
        let thing = things.iter().find(|(resource, _)| before.contains(&format!("/{resource}/")));
        let (_, id) = thing.unwrap_or_else(|| panic!("{route}: say here which id it takes"));
        format!("{before}{}{after}", self.id(id))
    }
}

const MINE: Story = Story { tenant: "acme", mark: "MARK-OF-ACME", suffix: "" };
/// The same ids as mine.
const TWIN: Story = Story { tenant: "other", mark: "MARK-OF-OTHER", suffix: "" };
/// Ids that I do not have.
const APART: Story = Story { tenant: "other", mark: "MARK-OF-OTHER", suffix: "-apart" };
/// Of records in which no tenant could be read.
const NOBODY: Story = Story { tenant: "", mark: "MARK-OF-NOBODY", suffix: "-unowned" };

struct Tenants {
    world: World,
    mine: ApiKey,
    theirs: ApiKey,
    operator: ApiKey,
    _ring: KeyRing,
}

impl Tenants {
    fn new() -> Tenants {
        let mut ring = KeyRing::new();
        let mine = ring.add(MINE.tenant, &[Scope::Read]);
        let theirs = ring.add(TWIN.tenant, &[Scope::Read]);
        let operator = ring.add(MINE.tenant, &[Scope::Read, Scope::Admin]);
        let mut world = ring.world(FAST);
        for story in [MINE, TWIN, APART] {
            story.happens_in(&mut world);
        }
        world.happens(NOBODY.dead_letter());
        // So that streams end when they have told what there is.
        world.drain.send_replace(true);
        Tenants { world, mine, theirs, operator, _ring: ring }
    }

    async fn get(&self, key: &ApiKey, path: &str) -> Answer {
        self.world.send(with(key, "GET", path)).await
    }
}

/// Routes that show something of a tenant.
fn read_routes() -> impl Iterator<Item = &'static str> {
    let reads = |need| matches!(need, Need::Scope(Scope::Read | Scope::Admin));
    ROUTES.iter().filter(move |route| route.method == "GET" && reads(route.need)).map(|r| r.path)
}

#[tokio::test]
async fn every_route_shows_each_tenant_its_own_alone() {
    let tenants = Tenants::new();
    let mut shown = BTreeSet::new();
    for route in read_routes() {
        for (key, own, other) in [(&tenants.mine, &MINE, &TWIN), (&tenants.theirs, &TWIN, &MINE)] {
            for query in ["", "?corpus=coffee", "?all=true", "?unowned=true", "?from=start"] {
                let path = format!("{}{query}", own.path(route));
                let answer = tenants.get(key, &path).await;
                // Asked for what needs another scope, it says so.
                let refused = answer.status == StatusCode::FORBIDDEN;
                assert_eq!(refused, path == "/v1/dead-letters?unowned=true", "{}", answer.text);
                assert!(!answer.text.contains(other.mark), "{path}: {}", answer.text);
                assert!(!answer.text.contains(NOBODY.mark), "{path}: {}", answer.text);
                if query.is_empty() {
                    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
                }
                if answer.text.contains(own.mark) {
                    shown.insert(route);
                }
            }
            let request = Request::get(own.path(route))
                .header(header::AUTHORIZATION, format!("Bearer {}", key.reveal()))
                .header(header::ACCEPT, "text/markdown");
            let answer = tenants.world.send(request.body(Body::empty()).unwrap()).await;
            assert!(!answer.text.contains(other.mark), "{route}: {}", answer.text);
        }
    }
    // Otherwise the marks would not say anything: only what shows no text has none.
    let silent: Vec<&str> = read_routes().filter(|route| !shown.contains(route)).collect();
    assert_eq!(silent, ["/v1/corpora", "/v1/corpora/{corpus}", "/v1/status"]);
}

#[tokio::test]
async fn what_another_tenant_has_is_not_there() {
    let tenants = Tenants::new();
    for route in read_routes().filter(|route| route.contains("{id}")) {
        let path = APART.path(route);
        let theirs = tenants.get(&tenants.theirs, &path).await;
        assert_eq!(theirs.status, StatusCode::OK, "{path}: {}", theirs.text);
        let mine = tenants.get(&tenants.mine, &path).await;
        let invented = tenants.get(&tenants.mine, &path.replace("-apart", "-maker")).await;
        assert_eq!(mine.status, StatusCode::NOT_FOUND, "{path}: {}", mine.text);
        // Nothing tells it from what nobody has.
        let comparable = |answer: &Answer| {
            let mut problem = answer.json();
            problem["request_id"] = Value::Null;
            problem.to_string().replace("-maker", "-apart")
        };
        assert_eq!(comparable(&mine), comparable(&invented));
    }
}

#[tokio::test]
async fn a_search_finds_what_is_ones_own() {
    let tenants = Tenants::new();
    for (key, own, other) in [(&tenants.mine, &MINE, &TWIN), (&tenants.theirs, &TWIN, &MINE)] {
        let question = format!(r#"{{"corpus": "{CORPUS}", "query": "hypothesis or claim"}}"#);
        let request = Request::post("/v1/search")
            .header(header::AUTHORIZATION, format!("Bearer {}", key.reveal()))
            .header(header::CONTENT_TYPE, "application/json");
        let answer = tenants.world.send(request.body(Body::from(question)).unwrap()).await;
        assert!(answer.text.contains(own.mark), "{}", answer.text);
        assert!(!answer.text.contains(other.mark), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_cursor_of_another_tenant_leads_to_nothing_of_his() {
    let tenants = Tenants::new();
    let mut cursors = Vec::new();
    for route in read_routes().filter(|route| !route.contains('{')) {
        let page = tenants.get(&tenants.theirs, &format!("{route}?limit=1")).await;
        if page.status == StatusCode::OK {
            cursors.extend(page.json()["next_cursor"].as_str().map(|c| (route, c.to_owned())));
        }
    }
    let routes: BTreeSet<&str> = cursors.iter().map(|(route, _)| *route).collect();
    assert!(routes.len() >= 5, "{routes:?}");
    for (_, cursor) in &cursors {
        for route in &routes {
            let path = format!("{route}?cursor={cursor}");
            let page = tenants.get(&tenants.mine, &path).await;
            assert!(!page.text.contains(TWIN.mark), "{path}: {}", page.text);
        }
    }
}

#[tokio::test]
async fn a_job_id_is_of_the_tenant_that_it_was_given_to() {
    let tenants = Tenants::new();
    let id = JobIds::new(KEY).make(TWIN.tenant).unwrap();
    let path = format!("/v1/jobs/{id}");
    assert_eq!(tenants.get(&tenants.theirs, &path).await.json()["status"], "queued");
    for query in ["", "?wait=settled&timeout_ms=0"] {
        let mine = tenants.get(&tenants.mine, &format!("{path}{query}")).await;
        assert_eq!(mine.status, StatusCode::NOT_FOUND, "{}", mine.text);
    }
}

#[tokio::test]
async fn the_status_counts_what_is_the_tenants_own() {
    let tenants = Tenants::new();
    let status = async |key| tenants.get(key, "/v1/status").await.json();
    let (mine, theirs) = (status(&tenants.mine).await, status(&tenants.theirs).await);
    assert_eq!(
        (&mine["counts"]["documents"], &theirs["counts"]["documents"]),
        (&2.into(), &4.into())
    );
    assert_eq!(mine["counts"]["dead_letters"], 1);
    // How much goes through the installation is for who runs it.
    let stage = |status: &Value| status["stages"][0].as_object().unwrap().len();
    assert_eq!((stage(&mine), stage(&status(&tenants.operator).await)), (3, 5));
}

#[tokio::test]
async fn records_of_nobody_are_for_who_runs_the_installation() {
    let tenants = Tenants::new();
    let (list, one) = ("/v1/dead-letters?unowned=true", NOBODY.path("/v1/dead-letters/{id}"));
    let listed = tenants.get(&tenants.operator, list).await;
    assert!(listed.text.contains(NOBODY.mark) && !listed.text.contains(TWIN.mark));
    assert_eq!(tenants.get(&tenants.operator, &one).await.status, StatusCode::OK);
    assert_eq!(
        tenants.get(&tenants.operator, "/v1/status").await.json()["unowned_dead_letters"],
        1
    );
    assert_eq!(tenants.get(&tenants.mine, &one).await.status, StatusCode::NOT_FOUND);
    assert!(
        tenants.get(&tenants.mine, "/v1/status").await.json().get("unowned_dead_letters").is_none()
    );
    // A request for what it may not see is not answered with something else.
    let refused = tenants.get(&tenants.mine, list).await;
    assert_eq!(
        (refused.status, refused.json()["code"].clone()),
        (StatusCode::FORBIDDEN, "scope_required".into())
    );
}
