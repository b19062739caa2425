//! Every operation in one table.

/// One operation.
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub id: &'static str,
    pub summary: &'static str,
    /// Of the query and the headers, as [`super::params::named`] knows them.
    pub params: &'static [&'static str],
    /// Media type and form.
    pub body: Option<(&'static str, &'static str)>,
    /// Status and form when all goes well.
    pub answer: (u16, Shape),
    /// Further statuses of answers that go well.
    pub also: &'static [u16],
}

/// The form of an answer.
#[derive(Clone, Copy)]
pub enum Shape {
    /// As it is.
    Plain(&'static str),
    /// With `as_of`.
    Dated(&'static str),
    /// With `as_of` and links.
    Linked(&'static str),
    /// With links alone.
    WithLinks(&'static str),
    /// A page of a list.
    Page(&'static str),
    /// Something else, of this media type.
    Other(&'static str),
}

use Shape::{Dated, Linked, Other, Page, Plain, WithLinks};

const JSON: &str = "application/json";

const fn get(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    params: &'static [&'static str],
    shape: Shape,
) -> Operation {
    Operation {
        method: "get",
        path,
        id,
        summary,
        params,
        body: None,
        answer: (200, shape),
        also: &[],
    }
}

/// An object that has a tag.
const fn one(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    params: &'static [&'static str],
    shape: Shape,
) -> Operation {
    Operation { also: &[304], ..get(path, id, summary, params, shape) }
}

const fn post(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    params: &'static [&'static str],
    body: (&'static str, &'static str),
    answer: (u16, Shape),
) -> Operation {
    Operation { method: "post", path, id, summary, params, body: Some(body), answer, also: &[] }
}

/// All of them, in the order in which they are shown.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        also: &[200],
        ..post(
            "/v1/documents",
            "submitDocument",
            "Submit a document, and wait for its fate if you like",
            &["wait", "timeout_ms", "Idempotency-Key"],
            (JSON, "NewDocument"),
            (202, WithLinks("Accepted")),
        )
    },
    post(
        "/v1/documents:batch",
        "submitDocuments",
        "Submit many documents, one a line, each with its own outcome",
        &[],
        ("application/x-ndjson", "NewDocument"),
        (200, Other("application/x-ndjson")),
    ),
    post(
        "/ingest",
        "ingest",
        "Submit a text in short form, into the corpus `default`",
        &[],
        (JSON, "NewText"),
        (202, Plain("TaskAccepted")),
    ),
    get(
        "/v1/documents",
        "listDocuments",
        "Documents, newest first",
        &["corpus", "status/job", "since", "limit", "cursor", "X-Consistency"],
        Page("DocumentRef"),
    ),
    one(
        "/v1/documents/{id}",
        "showDocument",
        "A document with what rests on it",
        &["corpus", "If-None-Match", "X-Consistency"],
        Dated("DocumentShown"),
    ),
    get(
        "/v1/jobs",
        "listJobs",
        "Jobs, newest first",
        &["corpus", "status/job", "since", "limit", "cursor", "X-Consistency"],
        Page("Job"),
    ),
    one(
        "/v1/jobs/{id}",
        "showJob",
        "What became of a submission, with bounded waiting",
        &["wait", "timeout_ms", "If-None-Match", "X-Consistency"],
        Linked("Job"),
    ),
    Operation {
        also: &[204],
        ..get(
            "/v1/jobs/{id}/events",
            "followJob",
            "What happens to a job, until nothing is open",
            &["Last-Event-ID"],
            Other("text/event-stream"),
        )
    },
    get(
        "/v1/corpora",
        "listCorpora",
        "Corpora in numbers, shorter names first",
        &["limit", "cursor", "X-Consistency"],
        Plain("Corpora"),
    ),
    one(
        "/v1/corpora/{corpus}",
        "showCorpus",
        "A corpus in numbers, and why nothing is in conflict",
        &["If-None-Match", "X-Consistency"],
        Linked("CorpusShown"),
    ),
    Operation {
        also: &[204],
        ..get(
            "/v1/corpora/{corpus}/events",
            "followCorpus",
            "What happens in a corpus",
            &["from", "Last-Event-ID"],
            Other("text/event-stream"),
        )
    },
    get(
        "/v1/snos",
        "listSnos",
        "Decided SNOs",
        &[
            "corpus",
            "provenance",
            "status/sno",
            "min_trust",
            "since",
            "sort/trust",
            "limit",
            "cursor",
            "X-Consistency",
        ],
        Page("SnoItem"),
    ),
    one(
        "/v1/snos/{id}",
        "showSno",
        "An SNO with its parts",
        &["If-None-Match", "X-Consistency"],
        Dated("SnoView"),
    ),
    one(
        "/v1/snos/{id}/lineage",
        "showLineage",
        "Down to characters of documents, and up to all that rests on it",
        &["If-None-Match", "X-Consistency"],
        Dated("Lineage"),
    ),
    get(
        "/v1/conflicts",
        "listConflicts",
        "Pairs in conflict, or with `all` every compared pair",
        &[
            "corpus",
            "status/conflict",
            "since",
            "all",
            "sort/opposition",
            "limit",
            "cursor",
            "X-Consistency",
        ],
        Plain("Conflicts"),
    ),
    one(
        "/v1/conflicts/{id}",
        "showConflict",
        "A compared pair",
        &["If-None-Match", "X-Consistency"],
        Dated("Conflict"),
    ),
    get(
        "/v1/syntheses",
        "listSyntheses",
        "Syntheses",
        &[
            "corpus",
            "status/synthesis",
            "min_trust",
            "since",
            "sort/trust",
            "limit",
            "cursor",
            "X-Consistency",
        ],
        Page("SynthesisItem"),
    ),
    one(
        "/v1/syntheses/{id}",
        "showSynthesis",
        "A synthesis by sections; Markdown with `accept: text/markdown`",
        &["If-None-Match", "X-Consistency"],
        Dated("Synthesis"),
    ),
    post(
        "/v1/search",
        "search",
        "SNOs of a corpus by the words of a question",
        &[],
        (JSON, "NewQuestion"),
        (200, Plain("Found")),
    ),
    get(
        "/v1/dead-letters",
        "listDeadLetters",
        "Records that could not be handled",
        &[
            "corpus",
            "code",
            "stage",
            "status/letter",
            "unowned",
            "limit",
            "cursor",
            "X-Consistency",
        ],
        Page("DeadLetterView"),
    ),
    one(
        "/v1/dead-letters/{id}",
        "showDeadLetter",
        "A record that could not be handled",
        &["If-None-Match", "X-Consistency"],
        Dated("DeadLetterView"),
    ),
    Operation {
        also: &[202],
        ..post(
            "/v1/dead-letters/{id}/retry",
            "retryDeadLetter",
            "Submit its document again, as a new job",
            &["dry_run"],
            (JSON, "NewDecision"),
            (200, Linked("DeadLetterView")),
        )
    },
    Operation {
        also: &[202],
        ..post(
            "/v1/dead-letters/{id}/drop",
            "dropDeadLetter",
            "Leave it at that",
            &["dry_run"],
            (JSON, "NewDecision"),
            (200, Linked("DeadLetterView")),
        )
    },
    get(
        "/v1/status",
        "showStatus",
        "How far each stage is, and under which settings",
        &["X-Consistency"],
        Plain("Status"),
    ),
    get("/", "showRoot", "What is there", &[], Other(JSON)),
    get("/health/live", "isLive", "The process answers", &[], Other(JSON)),
    get(
        "/health/startup",
        "hasStarted",
        "The process has been ready once; until then 503 with how far it is",
        &[],
        Other(JSON),
    ),
    get("/health/ready", "isReady", "The views are caught up", &[], Other(JSON)),
    get(
        "/metrics",
        "showMetrics",
        "Metrics in the OpenMetrics format",
        &[],
        Other("application/openmetrics-text"),
    ),
    get("/openapi.json", "showDescription", "This description", &[], Other(JSON)),
    get("/docs", "showDocs", "This description as a page", &[], Other("text/html")),
];
