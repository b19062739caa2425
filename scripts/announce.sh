#!/usr/bin/env bash
# Says before a first build how long it takes, so that nobody takes the silence for a hang.
set -euo pipefail

target="${CARGO_TARGET_DIR:-target}"
if compgen -G "$target/release/build/librocksdb-sys-*/out/librocksdb.a" >/dev/null; then
    exit 0
fi
cat <<TEXT
First build: RocksDB is compiled from source. That takes 10 to 30 minutes, depending on the number of cores,
and long stretches without a new line are normal. It happens once; later builds take seconds to a minute.
What is built is kept in $target
TEXT
