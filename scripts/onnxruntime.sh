#!/usr/bin/env bash
# Puts the shared library of ONNX Runtime, pinned by version and SHA-256, beside what is built (target/lib), where the
# program finds it. It comes out of the Python package of the same name, by way of pip. Without pip, network or a
# package for this machine it says so and succeeds: the program then runs models on the engine that is built in.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.31.1
case "$(uname -s)-$(uname -m)" in
    Linux-x86_64)
        platform=manylinux_2_28_x86_64 library=libonnxruntime.so.$version
        sha256=5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f ;;
    Linux-aarch64)
        platform=manylinux_2_28_aarch64 library=libonnxruntime.so.$version
        sha256=da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3 ;;
    Darwin-arm64)
        platform=macosx_14_0_arm64 library=libonnxruntime.$version.dylib
        sha256=60b6b69bfe580eab576cacc5d132a0e9cf2a37fcfd18d46dd191042b1d1ed0d7 ;;
    *) platform="" library="" sha256="" ;;
esac
into=${CARGO_TARGET_DIR:-target}/lib

# With --path: where the library is, or nothing.
if [ "${1:-}" = "--path" ]; then
    if [ -n "$library" ] && [ -f "$into/$library" ]; then echo "$(cd "$into" && pwd)/$library"; fi
    exit 0
fi

without() {
    echo "setup: ONNX Runtime $version was not installed ($1): models run on the built-in engine, which is slower." >&2
    echo "       A library of your own is named by TINTYPE__MODELS__ONNXRUNTIME." >&2
    exit 0
}

if [ -z "$platform" ]; then without "there is no package for $(uname -s) on $(uname -m)"; fi
if [ -f "$into/$library" ]; then exit 0; fi
python3 -m pip --version >/dev/null 2>&1 || without "python3 with pip is missing"

echo "setup: fetching ONNX Runtime $version …"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One package for all: the library in it does not depend on the version of Python.
python3 -m pip download --quiet --disable-pip-version-check --retries 1 --timeout 20 --no-deps --require-hashes \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --platform "$platform" \
    --dest "$work" --requirement <(echo "onnxruntime==$version --hash=sha256:$sha256") >"$work/log" 2>&1 \
    || without "$(grep -v '^$' "$work/log" | tail -n 1)"
mkdir -p "$into"
python3 - "$work" "onnxruntime/capi/$library" "$into/$library" <<'PYTHON' || without "the package holds no library"
import glob, os, shutil, sys, zipfile
folder, member, target = sys.argv[1:]
with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as package, package.open(member) as source:
    with open(target + ".part", "wb") as out:
        shutil.copyfileobj(source, out)
os.chmod(target + ".part", 0o755)
os.replace(target + ".part", target)
PYTHON
