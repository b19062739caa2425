#!/usr/bin/env python3
"""Makes dashboards/*.json out of the table below, so that panels look the same everywhere.

    deploy/grafana/dashboards.py            writes them
    deploy/grafana/dashboards.py --check    says whether they are as the table wants them

A panel: title, unit, what its shape means, then expressions with their legends.
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}


def rate(metric, by, where=""):
    return f"sum by ({by}) (rate({metric}{where}[$__rate_interval]))"


def quantile(q, metric, by=""):
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({metric}_bucket[$__rate_interval])))"


def most(metric, by, where=""):
    return f"max by ({by}) ({metric}{where})"


def share(part, whole):
    return f"{part} / clamp_min({whole}, 1e-9)"


LAG = ("A flat line near 0 is health. A ramp: the stage is slower than what comes in. A plateau that does not fall: it stands "
       "still. A saw: batches, which is normal.")

DASHBOARDS = {
    "1-overview": ("cns 1: Overview", [
        ("Waiting, seconds", "s", "One column for each stage; the red one is where to begin. " + LAG,
         [(most("cns_stage_lag_seconds", "stage"), "{{stage}}")], "stat"),
        ("Waiting, records", "short", LAG, [(most("cns_stage_lag_records", "stage"), "{{stage}}")], "stat"),
        ("Step time, p95", "s", "How long the computation of a batch takes. A step up after a release or a change of models is that change.",
         [(quantile(0.95, "cns_stage_compute_seconds", "stage"), "{{stage}}")], "stat"),
        ("Refused and set aside", "short", "Records per second. A burst is one bad producer; a steady line is a class of documents that does not fit.",
         [(rate("cns_stage_records_total", "stage, outcome", '{outcome=~"rejected|dead_lettered"}'), "{{stage}} {{outcome}}")], "line"),
        ("Documents slower than 51 s", "percentunit", "The share that misses the promise; the dashed line is what the promise allows. Above it for an hour is a page.",
         [("1 - " + share('sum(rate(cns_document_decision_seconds_bucket{le="51.2"}[$__rate_interval]))',
                          "sum(rate(cns_document_decision_seconds_count[$__rate_interval]))"), "slower")], "line"),
        ("Documents by fate", "short", "Per second. Mostly rejected: look at what is sent. Mostly archived: trust is low, see Knowledge quality.",
         [(rate("cns_documents_decided_total", "fate"), "{{fate}}")], "line"),
        ("Taken in, scored, compared, synthesized", "short", "Per second. The lines follow each other; the first that falls away marks the stage that stands still.",
         [("sum(rate(cns_documents_accepted_total[$__rate_interval]))", "accepted"),
          ("sum(rate(cns_snos_decided_total[$__rate_interval]))", "scored"),
          ("sum(rate(cns_pairs_decided_total[$__rate_interval]))", "compared"),
          ("sum(rate(cns_syntheses_decided_total[$__rate_interval]))", "synthesized")], "line"),
        ("Dead letters", "short", "All so far, by code. It only rises; a step is a new class of bad records.",
         [("sum by (stage, code) (cns_dead_letters_total)", "{{stage}} {{code}}")], "line"),
        ("Circuits", "short", "1 while a remote model is left alone. It closes by itself when the model answers again.",
         [(most("cns_model_circuit_open", "port"), "{{port}}")], "stat"),
        ("Views behind", "short", "Audit entries that readers do not see yet. A plateau: folding has stopped.",
         [("max(cns_view_lag_records)", "entries")], "line"),
    ]),
    "2-stages": ("cns 2: Stages", [
        ("Where the time goes: waiting", "s", "From append to the step that took the record, p95. It grows first when a stage is too slow.",
         [(quantile(0.95, "cns_stage_wait_seconds", "stage"), "{{stage}}")], "line"),
        ("Where the time goes: computing", "s", "Model calls included, p95 of a batch.",
         [(quantile(0.95, "cns_stage_compute_seconds", "stage"), "{{stage}}")], "line"),
        ("Where the time goes: committing", "s", "p95. A step up in all stages at once is the disk, or the brokers.",
         [(quantile(0.95, "cns_stage_commit_seconds", "stage"), "{{stage}}")], "line"),
        ("Handled", "short", "Records per second, by outcome. Parked ones come again.",
         [(rate("cns_stage_records_total", "stage, outcome"), "{{stage}} {{outcome}}")], "line"),
        ("In work", "short", "Records that are being computed. A number that never falls to 0 while nothing is handled: a record that does not end.",
         [("sum by (stage) (cns_stage_in_work_records)", "{{stage}}")], "line"),
        ("Waiting", "short", LAG, [(most("cns_stage_lag_records", "stage"), "{{stage}}")], "line"),
        ("Parked", "short", "They wait for an answer, or behind one that does. A ramp is a remote model that does not answer.",
         [("sum by (stage) (cns_stage_parked_records)", "{{stage}}")], "line"),
        ("Threads lost", "short", "To records that never end. After five the process ends and has to be started again.",
         [("sum(cns_compute_lost_threads)", "threads")], "stat"),
    ]),
    "3-ingest-and-api": ("cns 3: Ingest and API", [
        ("Requests", "reqps", "By route and status. 429 is the brake of the entrance and no fault.",
         [(rate("cns_http_requests_total", "route, status"), "{{route}} {{status}}")], "line"),
        ("Failed requests", "percentunit", "The share that is answered with 5xx.",
         [(share('sum(rate(cns_http_requests_total{status=~"5.."}[$__rate_interval]))', "sum(rate(cns_http_requests_total[$__rate_interval]))"), "5xx")], "line"),
        ("Time to answer, p95", "s", "By route. Waiting for a job (?wait=) counts, so those routes are long on purpose.",
         [(quantile(0.95, "cns_http_request_seconds", "route"), "{{route}}")], "line"),
        ("Documents accepted", "short", "Per second, after the log has acknowledged them.",
         [("sum(rate(cns_documents_accepted_total[$__rate_interval]))", "accepted")], "line"),
        ("Waiting at the entrance", "short", "At limits.queue_records_max the API answers 429.",
         [(most("cns_stage_lag_records", "stage", '{stage="chunk"}'), "{{stage}}")], "line"),
        ("Callers that came too fast", "short", "Requests per second that were answered with 429, by what was counted: a key, or an address without one.",
         [(rate("cns_http_rate_limited_total", "strategy"), "{{strategy}}")], "line"),
        ("Keys that cannot be read", "short", "1 where the keys file could not be read again: older entries are at work, and a revoked key may pass.",
         [("max by (instance) (cns_access_keys_unreadable)", "{{instance}}")], "stat"),
        ("From submission to trust", "s", "p50 and p95.",
         [(quantile(0.5, "cns_document_decision_seconds"), "p50"), (quantile(0.95, "cns_document_decision_seconds"), "p95")], "line"),
    ]),
    "4-models": ("cns 4: Models", [
        ("Calls", "short", "Per second, by model and outcome. Two models of one kind: processes disagree about their settings.",
         [(rate("cns_model_calls_total", "port, model, outcome"), "{{port}} {{model}} {{outcome}}")], "line"),
        ("Time of a call, p95", "s", "A step up: other hardware, another model, or cores that are shared with something else.",
         [(quantile(0.95, "cns_model_call_seconds", "port"), "{{port}}")], "line"),
        ("Inputs", "short", "Texts and pairs per second.",
         [(rate("cns_model_inputs_total", "port"), "{{port}}")], "line"),
        ("Tried again", "short", "Remote calls per second. More than a fifth of the answered ones is a storm.",
         [(rate("cns_model_retries_total", "port"), "{{port}}")], "line"),
        ("Circuits", "short", "1 while a remote model is left alone.",
         [(most("cns_model_circuit_open", "port"), "{{port}}")], "stat"),
        ("Owed and running", "short", "Remote calls. Owed rises while a provider is slow; nothing is lost by it.",
         [("sum(cns_performer_open_requests)", "owed"), ("sum(cns_performer_running_calls)", "running")], "line"),
    ]),
    "5-knowledge-quality": ("cns 5: Knowledge quality", [
        ("Trust", "short", "p10, p50, p90 of what was scored. A fall of all three: other documents, or another model.",
         [(quantile(q, "cns_sno_trust_score", "provenance"), f"p{int(q * 100)} {{{{provenance}}}}") for q in (0.1, 0.5, 0.9)], "line"),
        ("Scores of the critics, p50", "short", "The critic that falls is the reason for low trust.",
         [(quantile(0.5, "cns_critic_score", "critic"), "{{critic}}")], "line"),
        ("SNOs scored", "short", "Per second, by provenance.",
         [(rate("cns_snos_decided_total", "provenance"), "{{provenance}}")], "line"),
        ("Pairs by fate", "short", "Per second. No conflict at all over days: look at the entailment model.",
         [(rate("cns_pairs_decided_total", "fate"), "{{fate}}")], "line"),
        ("Conflicts per pair compared", "percentunit", "A jump after a change of models or gates is that change.",
         [(share('sum(rate(cns_pairs_decided_total{fate!="no_conflict"}[$__rate_interval]))', "sum(rate(cns_pairs_decided_total[$__rate_interval]))"), "conflicts")], "line"),
        ("Syntheses by outcome", "short", "Per second. Mostly archived: syntheses miss gates.synthesis_trust.",
         [(rate("cns_syntheses_decided_total", "outcome"), "{{outcome}}")], "line"),
    ]),
    "6-log-and-state": ("cns 6: Log and state", [
        ("Commits", "short", "Per second, by outcome. fenced and unknown come with rebalances; without one they are trouble.",
         [(rate("cns_stage_commits_total", "stage, outcome"), "{{stage}} {{outcome}}")], "line"),
        ("Partitions", "short", "Owned here. The sum over all processes is the number of partitions; less: nobody has the rest.",
         [("sum by (stage) (cns_stage_assigned_partitions)", "{{stage}}")], "line"),
        ("Rebalances", "short", "In ten minutes. A steady number above 0: a process that comes and goes.",
         [("sum by (stage) (increase(cns_stage_rebalances_total[10m]))", "{{stage}}")], "line"),
        ("Left to restore", "short", "Changelog records. It falls to 0; a plateau is a broker that does not answer. Kafka only.",
         [("sum by (stage) (cns_restore_left_records)", "{{stage}}")], "line"),
        ("Restored", "short", "Changelog records per second. Kafka only.",
         [("sum by (stage) (rate(cns_restored_records_total[$__rate_interval]))", "{{stage}}")], "line"),
        ("Disk free", "bytes", "On the disk of the state folder. A line that meets 0 within the window needs a person.",
         [("min by (instance) (cns_disk_free_bytes)", "{{instance}}")], "line"),
        ("Stores", "bytes", "By store. The log grows with each document and is not trimmed; the others follow it.",
         [("sum by (instance, store) (cns_store_bytes)", "{{instance}} {{store}}")], "line"),
        ("Memory", "bytes", "In RAM. It rises to the caches' limits and stays.",
         [("cns_process_resident_bytes", "{{instance}}")], "line"),
        ("Open files", "short", "A ramp is a leak.", [("cns_process_open_files", "{{instance}}")], "line"),
        ("Running since", "dateTimeFromNow", "A process that is always young dies again and again.",
         [("cns_process_start_time_seconds * 1000", "{{instance}}")], "stat"),
    ]),
    "7-audit-and-views": ("cns 7: Audit and views", [
        ("Facts not chained yet", "short", "A ramp: the chain is slower than the work. A plateau: it stands still, and so does all that readers see.",
         [(most("cns_stage_lag_records", "stage", '{stage="audit"}'), "facts")], "line"),
        ("Facts chained", "short", "Per second.",
         [("sum(rate(cns_stage_records_total{stage=\"audit\"}[$__rate_interval]))", "facts")], "line"),
        ("Views behind", "short", "Audit entries that are not folded yet, by process.",
         [("max by (instance) (cns_view_lag_records)", "{{instance}}")], "line"),
        ("Views stopped", "short", "1: an entry could not be folded, and nothing after it is served.",
         [("max by (instance) (cns_view_stopped)", "{{instance}}")], "stat"),
        ("Versions and settings", "short", "Two at a time: a deployment is under way, or processes disagree.",
         [("count by (version, config) (cns_build_info)", "{{version}} {{config}}")], "stat"),
        ("Traces sent", "short", "Batches per second, by outcome. Failed ones are dropped; work does not wait for them. Only with otlp.endpoint.",
         [(rate("cns_otlp_exports_total", "outcome"), "{{outcome}}")], "line"),
    ]),
}

THRESHOLDS = {"Waiting, seconds": [60, 300], "Circuits": [0.5, 1], "Views stopped": [0.5, 1], "Threads lost": [1, 3],
              "Documents slower than 51 s": [0.01, 0.14]}


def panel(number, title, unit, meaning, queries, kind, x, y, width):
    steps = [{"color": "green", "value": None}]
    for colour, value in zip(("orange", "red"), THRESHOLDS.get(title, [])):
        steps.append({"color": colour, "value": value})
    defaults = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}, "min": 0}
    if kind == "line" and title in THRESHOLDS:
        defaults["custom"] = {"thresholdsStyle": {"mode": "dashed"}}
    targets = [{"datasource": SOURCE, "expr": expr, "legendFormat": legend, "refId": chr(65 + i), "exemplar": False}
               for i, (expr, legend) in enumerate(queries)]
    return {
        "id": number, "title": title, "description": meaning, "type": "stat" if kind == "stat" else "timeseries",
        "datasource": SOURCE, "gridPos": {"x": x, "y": y, "w": width, "h": 7}, "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}} if kind == "line"
        else {"colorMode": "background", "reduceOptions": {"calcs": ["lastNotNull"]}},
    }


def dashboard(uid, title, panels):
    placed = []
    for index, (name, unit, meaning, queries, kind) in enumerate(panels):
        x, y = 12 * (index % 2), 7 * (index // 2)
        placed.append(panel(index + 1, name, unit, meaning, queries, kind, x, y, 12))
    return {
        "uid": uid, "title": title, "tags": ["cns"], "timezone": "browser", "schemaVersion": 39, "version": 1,
        "refresh": "30s", "time": {"from": "now-3h", "to": "now"}, "editable": True,
        "links": [{"type": "dashboards", "tags": ["cns"], "title": "cns", "asDropdown": False, "keepTime": True}],
        "panels": placed,
    }


def main():
    wrong = []
    for name, (title, panels) in DASHBOARDS.items():
        text = json.dumps(dashboard(f"cns-{name}", title, panels), indent=1) + "\n"
        path = FOLDER / f"{name}.json"
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            wrong.append(path.name)
    if wrong:
        sys.exit(f"not as the table wants them: {', '.join(wrong)}; run deploy/grafana/dashboards.py")


main()
