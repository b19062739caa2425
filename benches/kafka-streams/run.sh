#!/usr/bin/env bash
# One measurement of the Kafka Streams stage:
#   BROKERS=host:port run.sh throughput|restart [exactly_once_v2|at_least_once] [threads]
# throughput: records per wall and per CPU second. restart: SIGKILL to the first correct committed output.
# Settings: RECORDS, KEYS, VALUE (bytes), INPUT (a topic that is already filled by Load), HEAP, SET (NAME=VALUE,…), VERIFY=1.
# STAGE names another program to measure in place of Kafka Streams: that of benches/kafka.
set -euo pipefail
cd "$(dirname "$0")"

: "${BROKERS:?host:port of the brokers}"
what="${1:-throughput}"
case "$what" in throughput | restart) ;; *) echo "throughput or restart, not $what" >&2; exit 2 ;; esac
guarantee="${2:-exactly_once_v2}"
threads="${3:-1}"
RECORDS="${RECORDS:-2000000}"
KEYS="${KEYS:-100000}"
VALUE="${VALUE:-1024}"
name="peer-$$"
work="$(mktemp -d)"
if [ -n "${STAGE:-}" ]; then
    export BROKERS RECORDS BENCH_NAME="$name" BENCH_STATE="$work/state"
    input="$name.passages" output="$name.candidates"
else
    input="${INPUT:-$name-input}" output="$name-output"
fi
stage=

java=(java "-Xmx${HEAP:-1g}" -cp 'target/peer.jar:target/lib/*')

if [ -n "$(find src pom.xml -newer target/peer.jar 2>&1)" ]; then
    mvn -B -q -Dstyle.color=never package
fi

program() {
    "${java[@]}" "cns.bench.$1" --brokers "$BROKERS" "${@:2}"
}

start_stage() {
    # Not by functions: $! has to be the process itself.
    if [ -n "${STAGE:-}" ]; then
        BENCH_ROLE="$guarantee" "$STAGE" --bench >"$1" &
        stage=$!
        return
    fi
    "${java[@]}" cns.bench.Stage --brokers "$BROKERS" \
        --records "$RECORDS" --guarantee "$guarantee" --threads "$threads" --input "$input" --output "$output" \
        --application "$name" --state "$work/state" --set "${SET:-}" >"$1" &
    stage=$!
}

clean() {
    [ -z "$stage" ] || kill -9 "$stage" 2>/dev/null || true
    program Drop --prefix "$name" || true
    rm -rf "$work"
}
trap clean EXIT

fill=yes
if [ -n "${STAGE:-}" ]; then
    BENCH_ROLE=setup "$STAGE" --bench
    fill=only
elif [ -n "${INPUT:-}" ]; then
    fill=no
fi
program Load --input "$input" --output "$output" --records "$RECORDS" --keys "$KEYS" --value "$VALUE" --fill "$fill"

case "$what" in
throughput)
    start_stage "$work/first"
    wait "$stage"
    grep -v second "$work/first"
    ;;
restart)
    start_stage "$work/first"
    # Half of the records: by then every key has a row, and the other half is there to go on with.
    until [ "$(tail -n 1 "$work/first" | sed -n 's/.*"total":\([0-9]*\).*/\1/p')" -ge $((RECORDS / 2)) ] 2>/dev/null; do
        kill -0 "$stage"
        sleep 0.2
    done
    program Await --output "$output" --keys "$KEYS" >"$work/seen" &
    await=$!
    until grep -q ready "$work/seen"; do sleep 0.05; done
    kill -9 "$stage"
    killed="$(date +%s%3N)"
    wait "$stage" 2>/dev/null || true
    start_stage "$work/second"
    wait "$await" || echo '{"error":"the first output is not the right one"}'
    seen="$(sed -n 's/.*"seen_at_ms":\([0-9]*\).*/\1/p' "$work/seen")"
    echo "{\"guarantee\":\"$guarantee\",\"keys\":$KEYS,\"kill_to_output_ms\":$((seen - killed))}"
    [ -z "${VERIFY:-}" ] || wait "$stage"
    ;;
esac
[ -z "${VERIFY:-}" ] || program Await --output "$output" --keys "$KEYS" --records "$RECORDS"
