#!/usr/bin/env bash
# Runs schemathesis against a server of its own. Its Python environment lies beside the target folder.
set -euo pipefail

cns=$1
home=${TEST_API_HOME:-$HOME/.cache/cns/schemathesis}
if [ ! -x "$home/bin/schemathesis" ]; then
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet 'schemathesis>=4,<5'
fi

folder=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf -- "$folder"
}
trap end EXIT

CNS_MODELS_EMBEDDER=builtin CNS_MODELS_ENTAILMENT=builtin \
    "$cns" serve --listen 127.0.0.1:0 --state "$folder/state" --log-filter warn >"$folder/said" &
server=$!
until grep -q 'serves http' "$folder/said"; do kill -0 "$server"; sleep 0.1; done
address=$(grep -o 'http://[0-9.:]*' "$folder/said" | head -1)
CNS_SERVER=$address "$cns" submit examples/coffee >/dev/null

# A wait that is over is answered with 504, as it should be.
cat >"$folder/schemathesis.toml" <<'END'
[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503", "504"]
END

# Streams of events do not end, and a batch is no JSON: tests of our own try them. A cursor is any text to a
# description, so not everything that follows the description is accepted.
"$home/bin/schemathesis" --config-file "$folder/schemathesis.toml" run "$address/openapi.json" --url "$address" \
    --exclude-path-regex '(/events|:batch)$' --exclude-checks positive_data_acceptance \
    --max-examples "${TEST_API_EXAMPLES:-50}" --seed 1 --no-color
