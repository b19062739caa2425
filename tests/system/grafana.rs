//! Dashboards and alerts: every query can be read, every metric is there, every alert says what to do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

use crate::metrics::{metrics, worked};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Metrics that only some processes have, and why.
const SOMETIMES: [(&str, &str); 4] = [
    ("cns_restore_left_records", "rows are restored on Kafka only"),
    ("cns_http_rate_limited_total", "callers are counted where they need keys"),
    ("cns_restored_records_total", "rows are restored on Kafka only"),
    ("cns_otlp_exports_total", "traces are sent only where a collector is named"),
];

/// Panels of the overview that show trouble, and nothing where there is none.
const QUIET: [&str; 4] = ["Waiting, seconds", "Waiting, records", "Circuits", "Views behind"];

fn read(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap()
}

fn dashboards() -> BTreeMap<String, Value> {
    let entries = fs::read_dir(format!("{ROOT}/deploy/grafana/dashboards")).unwrap();
    let found = entries.map(|entry| {
        let path = entry.unwrap().path();
        let json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_string_lossy().into_owned(), json)
    });
    found.collect()
}

fn panels(dashboard: &Value) -> &Vec<Value> {
    dashboard["panels"].as_array().unwrap()
}

fn queries(panel: &Value) -> impl Iterator<Item = &str> {
    panel["targets"].as_array().unwrap().iter().map(|target| target["expr"].as_str().unwrap())
}

/// The values of one key of the alert rules.
fn alert_values(key: &str) -> Vec<String> {
    let text = read("deploy/grafana/alerts.yaml");
    let begins = format!("{key}: ");
    let lines = text.lines().map(|line| line.trim().trim_start_matches("- "));
    lines
        .filter_map(|line| line.strip_prefix(&begins))
        .map(|v| v.trim_matches('"').to_owned())
        .collect()
}

/// The metrics that a query names.
fn names(query: &str) -> BTreeSet<String> {
    let word = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    query.split(word).filter(|word| word.starts_with("cns_")).map(str::to_owned).collect()
}

/// A histogram is one metric with three names.
fn stem(name: &str) -> &str {
    let ends = ["_bucket", "_sum", "_count"];
    ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

#[test]
fn every_metric_that_is_asked_for_is_there_and_every_one_that_is_there_is_shown() {
    let (_state, node) = worked();
    let there: BTreeSet<String> =
        metrics(&node).keys().map(|name| name.split('{').next().unwrap().to_owned()).collect();
    let mut shown = BTreeSet::new();
    for dashboard in dashboards().values() {
        shown.extend(panels(dashboard).iter().flat_map(queries).flat_map(names));
    }
    let mut asked = shown.clone();
    asked.extend(alert_values("expr").iter().flat_map(|query| names(query)));
    for name in &asked {
        let sometimes = SOMETIMES.iter().any(|(metric, _)| metric == name);
        assert!(there.contains(name) || sometimes, "{name} is asked for and not there");
    }
    let shown: BTreeSet<&str> = shown.iter().map(|name| stem(name)).collect();
    for name in &there {
        assert!(shown.contains(stem(name)), "{name} is on no panel");
    }
    for (name, _) in SOMETIMES {
        assert!(!there.contains(name), "{name} is there, so it needs no exception");
    }
}

#[test]
fn after_some_work_every_panel_of_the_overview_has_moved() {
    let (_state, node) = worked();
    let values = metrics(&node);
    let all = dashboards();
    for panel in panels(&all["1-overview"]) {
        let title = panel["title"].as_str().unwrap();
        let series = queries(panel).flat_map(names).flat_map(|name| {
            let of = |found: &&String| found.split('{').next() == Some(name.as_str());
            values.keys().filter(of).cloned().collect::<Vec<_>>()
        });
        let series: Vec<String> = series.collect();
        assert!(!series.is_empty(), "{title} has nothing to show");
        let moved = series.iter().any(|name| values[name] > 0.0);
        assert!(moved || QUIET.contains(&title) || title == "Dead letters", "{title}: {series:?}");
    }
}

#[test]
fn panels_say_what_their_shape_means_and_use_the_provisioned_source() {
    let sources = read("deploy/grafana/datasources.yaml");
    assert!(sources.contains("uid: prometheus\n"));
    let mut uids = BTreeSet::new();
    for (name, dashboard) in dashboards() {
        assert!(uids.insert(dashboard["uid"].as_str().unwrap().to_owned()), "{name}");
        for panel in panels(&dashboard) {
            let title = panel["title"].as_str().unwrap();
            assert!(panel["description"].as_str().unwrap().len() > 10, "{name}: {title}");
            assert_eq!(panel["datasource"]["uid"], "prometheus", "{name}: {title}");
            for target in panel["targets"].as_array().unwrap() {
                assert_eq!(target["datasource"]["uid"], "prometheus", "{name}: {title}");
            }
        }
    }
    assert_eq!(uids.len(), 7);
}

#[test]
fn dashboards_are_as_their_table_wants_them() {
    let script = format!("{ROOT}/deploy/grafana/dashboards.py");
    match Command::new("python3").args([&script, "--check"]).output() {
        Ok(ran) => assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr)),
        Err(error) => eprintln!("Not tried: python3 cannot be run: {error}."),
    }
}

#[test]
fn every_alert_says_what_it_means_and_what_to_do_first() {
    let alerts = alert_values("alert");
    assert!(alerts.len() > 10, "{alerts:?}");
    for key in ["summary", "first", "runbook_url", "expr"] {
        let said = alert_values(key);
        assert_eq!(said.len(), alerts.len(), "{key}");
        assert!(said.iter().all(|value| value.len() > 5), "{key}");
    }
    let runbook = read("docs/operations.md");
    let headings: BTreeSet<String> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(str::to_lowercase)
        .collect();
    for (alert, url) in alerts.iter().zip(alert_values("runbook_url")) {
        let anchor = url.strip_prefix("docs/operations.md#").unwrap();
        assert_eq!(anchor, alert.to_lowercase());
        assert!(headings.contains(anchor), "docs/operations.md has no section {alert}");
        let section =
            runbook.split("\n### ").find(|part| part.starts_with(alert.as_str())).unwrap();
        for part in ["**Means.**", "**First.**", "**Safe.**", "**Not.**"] {
            assert!(section.contains(part), "{alert} has no {part}");
        }
    }
}

/// Where promtool is. Without it tests say so and end, unless `TEST_PROMTOOL=required`.
fn promtool() -> Option<PathBuf> {
    let found = Command::new(format!("{ROOT}/scripts/promtool.sh")).output().unwrap();
    if found.status.success() {
        return Some(String::from_utf8(found.stdout).unwrap().trim().into());
    }
    assert!(std::env::var("TEST_PROMTOOL").as_deref() != Ok("required"), "promtool is required");
    eprintln!("Not tried: {}", String::from_utf8_lossy(&found.stderr));
    None
}

fn went_well(ran: &Output) {
    let said =
        [&*String::from_utf8_lossy(&ran.stdout), &*String::from_utf8_lossy(&ran.stderr)].concat();
    assert!(ran.status.success(), "{said}");
}

#[test]
fn promtool_reads_every_query_and_the_alerts_do_what_their_tests_say() {
    let Some(promtool) = promtool() else { return };
    let rules = |folder: &str, command: &str, file: &str| {
        Command::new(&promtool).current_dir(folder).args([command, "rules", file]).output().unwrap()
    };
    let folder = format!("{ROOT}/deploy/grafana");
    went_well(&rules(&folder, "check", "alerts.yaml"));
    went_well(&rules(&folder, "test", "alerts_test.yaml"));

    // Each query of a panel as a rule, which promtool reads as Prometheus would.
    let mut text = "groups:\n  - name: panels\n    rules:\n".to_owned();
    let all = dashboards();
    let queries = all.values().flat_map(panels).flat_map(queries);
    for (number, query) in queries.enumerate() {
        let query = query.replace("$__rate_interval", "5m");
        let quoted = serde_json::to_string(&query).unwrap();
        text.push_str(&format!("      - record: panel_{number}\n        expr: {quoted}\n"));
    }
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("panels.yaml"), &text).unwrap();
    let inside = temporary.path().to_str().unwrap();
    went_well(&rules(inside, "check", "panels.yaml"));
    fs::write(temporary.path().join("wrong.yaml"), text.replacen("sum by", "summe by", 1)).unwrap();
    assert!(!rules(inside, "check", "wrong.yaml").status.success(), "promtool finds faults");
}
