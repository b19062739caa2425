#!/usr/bin/env bash
# The demo on a cluster: topics, schemas and settings as an operator sets them up, two cns processes that share the
# work, documents from a stock Python producer, and the narrative, asked of either process.
# Run it by scripts/with-kafka.sh, which gives TEST_KAFKA, TEST_REGISTRY and TEST_PYTHON; the argument is the binary.
set -euo pipefail
cd "$(dirname "$0")/.."

cns="$1"
corpus=coffee
: "${TEST_PYTHON:?the Python producer cannot run: see what pip said above}"
export CNS_KAFKA_BROKERS="$TEST_KAFKA" CNS_KAFKA_REGISTRY="$TEST_REGISTRY" CNS_KAFKA_REPLICATION=1
export CNS_KAFKA_PARTITIONS=4 CNS_LOG_FILTER="${CNS_LOG_FILTER:-warn}"

folder="$(mktemp -d "${TMPDIR:-/tmp}/cns-demo-kafka-XXXXXX")"
processes=()
end() {
    [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null || true
    wait || true
    rm -rf -- "$folder"
}
trap end EXIT

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Shows a command, then runs it.
run() {
    echo "\$ cns ${*:2}"
    "$@"
}

step "Topics, schemas and settings, once for the cluster"
echo "\$ cns topics apply && cns schemas register && cns config apply"
"$cns" topics apply >"$folder/set-up"
"$cns" schemas register >>"$folder/set-up"
"$cns" config apply >>"$folder/set-up"
grep -E 'created|registered|in force' "$folder/set-up" | tail -n 3 || true

step "Two processes, each with a state directory of its own"
urls=()
for number in 1 2; do
    echo "\$ cns serve --state $number"
    "$cns" serve --state "$folder/$number" --listen 127.0.0.1:0 >"$folder/$number.out" 2>"$folder/$number.err" &
    processes+=($!)
done
for number in 1 2; do
    until grep -q http:// "$folder/$number.out"; do
        kill -0 "${processes[number - 1]}" 2>/dev/null || { cat "$folder/$number.err" >&2; exit 1; }
        sleep 0.1
    done
    urls+=("$(grep -o -m 1 'http://[0-9.:]*' "$folder/$number.out" | head -n 1)")
    echo "process $number answers at ${urls[-1]}"
done

step "Documents from a Python program that knows nothing of cns"
echo "\$ produce.py --tenant default --corpus $corpus examples/$corpus"
"$TEST_PYTHON" examples/producers/python/produce.py --brokers "$TEST_KAFKA" --registry "$TEST_REGISTRY" \
    --tenant default --corpus "$corpus" "examples/$corpus"
documents="$(find "examples/$corpus" -type f | wc -l)"

# Prints how many records wait and how many documents are decided.
progress() {
    "$cns" status --server "${urls[0]}" --json >"$folder/status" || return 0
    "$TEST_PYTHON" -c '
import json, sys
status = json.load(open(sys.argv[1]))
lag = sum(stage["lag_records"] for stage in status["stages"]) + status["views"]["lag_records"]
print(lag, status["counts"]["documents"])' "$folder/status"
}
printf 'Working …'
begun=$SECONDS
until [ "$(progress)" = "0 $documents" ]; do
    if [ $((SECONDS - begun)) -gt 180 ]; then
        printf ' not settled within 180 s.\n'
        cat "$folder"/*.err >&2
        exit 7
    fi
    printf '.'
    sleep 0.5
done
echo " settled in $((SECONDS - begun)) s."

step "Who did what"
run "$cns" status --server "${urls[0]}"

step "The narrative, asked of process 2"
run "$cns" conflict list --corpus "$corpus" --server "${urls[1]}"
best="$("$cns" synthesis list --corpus "$corpus" --server "${urls[1]}" --json | "$TEST_PYTHON" -c '
import json, sys
items = json.load(sys.stdin)["items"]
accepted = [item for item in items if item["status"] == "accepted"] or items
print(max(accepted, key=lambda item: item["trust"] or 0)["sno_id"] if accepted else "")')"
[ -z "$best" ] || run "$cns" synthesis show "$best" --server "${urls[1]}"

step "Try next"
cat <<'TEXT'
  scripts/kafka.sh start --registry     a broker and a registry that stay; it prints their addresses
  deploy/kafka/README.md                three brokers and several cns in containers; logins and rights
  examples/producers/README.md          what a producer of documents writes, in Python and Java
TEXT
