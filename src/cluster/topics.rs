//! `cns topics`: what the topics of a namespace have to be, and making them so.

use cns_state::{Drift, KafkaOptions, Plan};
use serde_json::{Value, json};

use super::{groups, load};
use crate::{
    args::{TopicsAction, TopicsArgs},
    failure::{Code, Failure},
    settings::Settings,
    show::table::table,
    terminal,
};

/// Runs the command. A plan with differences exits with the code of a failed verification.
pub fn run(args: TopicsArgs) -> Result<(), Failure> {
    let (settings, options) = load(args.server)?;
    let made = plan(&options, &settings)?;
    if args.json {
        terminal::print(&as_json(&made).to_string());
    } else {
        terminal::print(&as_table(&made, terminal::width()));
    }
    match args.action {
        TopicsAction::Plan => verdict(&made, "`cns topics apply` creates what is missing"),
        TopicsAction::Apply => {
            let replication = settings.topic_settings().replication;
            let created =
                made.create_missing(&options, replication).map_err(anyhow::Error::from)?;
            if !args.json {
                terminal::print(&format!("{created} created."));
            }
            let left = plan(&options, &settings)?;
            verdict(
                &left,
                "settings of topics that are there are left to you: kafka-configs.sh --alter",
            )
        }
    }
}

/// Compares the cluster with what has to be.
pub fn plan(options: &KafkaOptions, settings: &Settings) -> Result<Plan, Failure> {
    let wanted = settings.topic_settings();
    Plan::make(options, &groups(), &wanted).map_err(|error| anyhow::Error::from(error).into())
}

fn verdict(plan: &Plan, hint: &str) -> Result<(), Failure> {
    if plan.drift.is_empty() {
        return Ok(());
    }
    let grown = plan.drift.iter().any(|drift| matches!(drift, Drift::Partitions { .. }));
    let hint = if grown {
        "the number of partitions decides where a key lives, so it is fixed: set kafka.partitions to what is \
         there, or copy into a new namespace"
    } else {
        hint
    };
    let message =
        format!("{} differences between the cluster and what has to be", plan.drift.len());
    Err(Failure::new(Code::Verification, message).hint(hint))
}

/// What differs, as one line: the topic, what, as it is, as it has to be.
pub fn told(drift: &Drift) -> [String; 4] {
    match drift {
        Drift::Missing(topic) => [
            topic.name.clone(),
            "topic".into(),
            "–".into(),
            format!("{} partitions", topic.partitions),
        ],
        Drift::Partitions { name, found, wanted } => {
            [name.clone(), "partitions".into(), found.to_string(), wanted.to_string()]
        }
        Drift::Setting { name, key, found, wanted } => {
            [name.clone(), key.clone(), found.clone(), wanted.clone()]
        }
    }
}

fn as_table(plan: &Plan, width: usize) -> String {
    let count = plan.wanted.len();
    if plan.drift.is_empty() {
        return format!("{count} topics, all as they have to be.");
    }
    let rows = plan.drift.iter().map(|drift| told(drift).to_vec());
    let lines = table(&["topic", "what", "is", "has to be"], rows, width);
    format!("{lines}\n\n{count} topics, {} differences.", plan.drift.len())
}

fn as_json(plan: &Plan) -> Value {
    let drift = plan.drift.iter().map(|drift| {
        let [topic, what, found, wanted] = told(drift);
        json!({ "topic": topic, "what": what, "found": found, "wanted": wanted })
    });
    json!({ "topics": plan.wanted.len(), "drift": drift.collect::<Vec<_>>() })
}
