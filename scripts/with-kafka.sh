#!/usr/bin/env bash
# Runs a command with a Kafka broker, a schema registry and the example producers at hand, for the tests, and takes
# them away afterwards: TEST_KAFKA, TEST_REGISTRY, TEST_PYTHON, TEST_PRODUCER_JAR. With CNS_KAFKA_KILLABLE the tests may
# kill the broker (TEST_KAFKA_DIR).
set -euo pipefail
cd "$(dirname "$0")/.."

cache="${CNS_KAFKA_CACHE:-$HOME/.cache/cns/kafka}"
folder="$(mktemp -d "${TMPDIR:-/tmp}/cns-kafka-XXXXXX")"
trap 'scripts/kafka.sh stop --dir "$folder/cluster" >/dev/null 2>&1 || true; rm -rf -- "$folder"' EXIT

scripts/kafka.sh fetch >&2

# A folder of Python packages of its own; what is there from an earlier run is used again.
python="$cache/python/bin/python"
if ! "$python" -c 'import confluent_kafka' 2>/dev/null; then
    if python3 -m venv "$cache/python" && "$python" -m pip -q install -r examples/producers/python/requirements.txt >&2; then
        echo "The Python producer can be tried." >&2
    fi
fi
if "$python" -c 'import confluent_kafka' 2>/dev/null; then
    export TEST_PYTHON="$python"
fi
if (cd examples/producers/java && mvn -q -B package -DskipTests >&2); then
    export TEST_PRODUCER_JAR="$PWD/examples/producers/java/target/produce.jar"
fi

# A port base that is free, so that two runs go side by side.
port=$((20000 + ($$ % 200) * 40))
started="$(scripts/kafka.sh start --registry --port "$port" --dir "$folder/cluster")"
TEST_KAFKA="$(sed -n 's/^KAFKA=//p' <<<"$started")"
TEST_REGISTRY="$(sed -n 's/^REGISTRY=//p' <<<"$started")"
export TEST_KAFKA TEST_REGISTRY
if [ -n "${CNS_KAFKA_KILLABLE:-}" ]; then
    export TEST_KAFKA_DIR="$folder/cluster"
fi
"$@"
