#!/usr/bin/env bash
# Sees to it that what the build needs is there: a C++ compiler and zlib for RocksDB, libclang for its
# bindings, OpenSSL for Kafka, and Rust. Says what it installs and why before it does. Does nothing when nothing is missing.
set -euo pipefail

if ! command -v cargo >/dev/null; then
    echo "Rust is missing. Install it from https://rustup.rs, open a new shell, and try again." >&2
    exit 4
fi

# The development package, not only the library: the bindings also need clang's own headers, which it brings.
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    [ "$(uname -s)" = Darwin ] && xcode-select -p >/dev/null 2>&1 && return 0
    local folder
    for folder in /usr/lib/llvm-*/lib /usr/lib64 /usr/lib /usr/lib/*-linux-gnu* /usr/local/lib; do
        [ -e "$folder/libclang.so" ] && return 0
    done
    return 1
}

has_zlib() {
    echo '#include <zlib.h>' | cc -E -x c - >/dev/null 2>&1
}

missing=()
why=()
# Only the tests on a real broker need these.
if [ "${1:-}" = kafka ]; then
    if ! command -v java >/dev/null; then
        missing+=(openjdk-17-jre-headless)
        why+=("openjdk-17-jre-headless  runs the Kafka broker and the schema registry of the tests")
    fi
    if ! command -v mvn >/dev/null; then
        missing+=(maven)
        why+=("maven            fetches them, and builds the Java producer")
    fi
    if ! python3 -c 'import venv' 2>/dev/null; then
        missing+=(python3-venv)
        why+=("python3-venv     holds what the Python producer needs")
    fi
fi
if ! command -v g++ >/dev/null || ! command -v make >/dev/null; then
    missing+=(build-essential)
    why+=("build-essential  compiles RocksDB, which keeps the log and the state")
fi
if ! has_libclang; then
    missing+=(libclang-dev)
    why+=("libclang-dev     makes the bindings between Rust and RocksDB")
fi
# Without a compiler the header cannot be looked for; then it is asked for as well.
if ! command -v cc >/dev/null || ! has_zlib; then
    missing+=(zlib1g-dev)
    why+=("zlib1g-dev       compression, which RocksDB links to")
fi
# librdkafka speaks TLS through OpenSSL, which pkg-config finds.
if ! command -v pkg-config >/dev/null; then
    missing+=(pkg-config)
    why+=("pkg-config       finds OpenSSL")
fi
if ! command -v cc >/dev/null || ! echo '#include <openssl/ssl.h>' | cc -E -x c - >/dev/null 2>&1; then
    missing+=(libssl-dev)
    why+=("libssl-dev       TLS to Kafka brokers")
fi
[ ${#missing[@]} -eq 0 ] && exit 0

echo "The build needs packages that are not here:"
printf '  %s\n' "${why[@]}"

if ! command -v apt-get >/dev/null; then
    echo "This is not Debian or Ubuntu, so install them by hand. Other systems call them:" >&2
    echo "  Fedora  gcc-c++ make clang-devel zlib-devel openssl-devel pkgconf" >&2
    echo "  Arch    base-devel clang zlib openssl pkgconf" >&2
    echo "  macOS   xcode-select --install; brew install openssl pkgconf" >&2
    exit 4
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Run this as root: apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 4
    fi
    as_root=(sudo)
fi

echo "Installing them with apt-get${as_root[*]:+ (sudo may ask for your password)}."
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@" </dev/null
}
install() {
    apt install -y --no-install-recommends "$@"
}
# Package lists may be missing or too old; they are fetched only if it does not work without.
install "${missing[@]}" 2>/dev/null || { apt update && install "${missing[@]}"; }

# Not needed, but it makes a second build of the C++ take minutes less.
command -v ccache >/dev/null || install ccache || echo "ccache is not to be had; the build works without it."
