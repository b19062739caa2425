#!/usr/bin/env bash
# Fetches the ONNX Runtime library, which runs the models, out of its Python package into the user's cache; no Python
# program is installed. Does nothing when a library is there. When it cannot be had, says so and ends well: cns then
# works with its built-in models.
set -euo pipefail

version=1.31.1
folder="${XDG_CACHE_HOME:-$HOME/.cache}/cns/onnxruntime"
case "$(uname -s)" in
    Darwin) library="libonnxruntime.$version.dylib" ;;
    *) library="libonnxruntime.so.$version" ;;
esac
[ -e "$folder/$library" ] && exit 0
[ -n "${ORT_DYLIB_PATH:-}" ] && exit 0

without() {
    echo "$1 The built-in models are used instead; \`make runtime\` tries again." >&2
    exit 0
}
python3 -m pip --version >/dev/null 2>&1 || without "The ONNX Runtime library is fetched with pip, which is not here (python3-pip)."

echo "Fetching ONNX Runtime $version (23 MB), which runs the models, from the Python package registry."
download="$(mktemp -d)"
trap 'rm -rf -- "$download"' EXIT
fetch() {
    python3 -m pip -q --disable-pip-version-check download --no-deps --only-binary=:all: -d "$download" "$@" "onnxruntime==$version"
}
# The library is the same for every version of Python; a very old or new one has no package of its own.
fetch 2>/dev/null || fetch --python-version 3.12 || without "The package onnxruntime $version cannot be fetched."
mkdir -p "$folder"
python3 - "$download" "$folder/$library" <<'PYTHON'
import os, pathlib, sys, zipfile
wheel = next(pathlib.Path(sys.argv[1]).glob("*.whl"))
with zipfile.ZipFile(wheel) as files:
    name = next(n for n in files.namelist() if "/libonnxruntime." in n)
    part = sys.argv[2] + ".part"
    with open(part, "wb") as out:
        out.write(files.read(name))
os.replace(part, sys.argv[2])
PYTHON
echo "$folder/$library is there."
