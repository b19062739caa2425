#!/usr/bin/env bash
# Says where promtool is, which checks the alerts and the queries of deploy/grafana; fetches it when it is nowhere, out of
# Debian's package of Prometheus, into the user's cache. Ends with 1 when it cannot be had.
set -euo pipefail

version="2.42.0+ds-5+deb12u1"
sha256=81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55
kept="${XDG_CACHE_HOME:-$HOME/.cache}/cns/promtool-$version"

if [ -n "${PROMTOOL:-}" ]; then
    echo "$PROMTOOL"
    exit 0
fi
command -v promtool && exit 0
if [ ! -x "$kept" ]; then
    download="$(mktemp -d)"
    trap 'rm -rf -- "$download"' EXIT
    cd "$download"
    # The mirror that the machine uses first, then Debian's own.
    apt-get -qq download "prometheus=$version" 2>/dev/null ||
        curl -fsSL -m 120 -o prometheus.deb "https://deb.debian.org/debian/pool/main/p/prometheus/prometheus_${version}_amd64.deb" ||
        { echo "promtool is not here and cannot be fetched; PROMTOOL names another one." >&2; exit 1; }
    mv ./*.deb package.deb
    echo "$sha256  package.deb" | sha256sum --check --quiet >&2
    ar p package.deb data.tar.xz | tar -xJ ./usr/bin/promtool
    mkdir -p "$(dirname "$kept")"
    mv usr/bin/promtool "$kept"
fi
echo "$kept"
