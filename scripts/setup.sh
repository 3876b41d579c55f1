#!/usr/bin/env bash
# Installs what the build needs with the system's own package client where that is allowed, and says plainly
# what is missing where it is not. With --build-flags: prints the cargo flags that fit what is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }

# libjpeg-turbo is built with cmake; its assembly for x86 needs nasm.
needs_nasm() { case $(uname -m) in x86_64 | i?86 | amd64) return 0 ;; *) return 1 ;; esac; }
turbo_tools_missing() {
    have cmake || echo cmake
    if needs_nasm && ! have nasm && ! have yasm; then echo nasm; fi
}

if [ "${1:-}" = "--build-flags" ]; then
    if [ -n "$(turbo_tools_missing)" ]; then echo "--no-default-features"; fi
    exit 0
fi

# Runs a command as root: directly, or with a sudo that asks nothing.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

refreshed=""
install_packages() {
    if have apt-get; then
        if [ -z "$refreshed" ]; then as_root apt-get update -qq || return 1; refreshed=yes; fi
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
    elif have dnf; then as_root dnf install -q -y "$@"
    elif have pacman; then as_root pacman -S --noconfirm --needed "$@"
    elif have apk; then as_root apk add --quiet "$@"
    elif have brew; then brew install --quiet "$@"
    else return 1; fi
}

missing_for_good=0
fail() { echo "setup: $*" >&2; missing_for_good=1; }

if ! have cargo; then
    fail "Rust is missing. Install it from https://rustup.rs (1.94 or later), then run make again."
else
    version=$(cargo --version | sed -E 's/^cargo ([0-9]+)\.([0-9]+).*/\1 \2/')
    read -r major minor <<<"$version"
    if [ "$major" -lt 1 ] || { [ "$major" -eq 1 ] && [ "$minor" -lt 94 ]; }; then
        fail "Rust $major.$minor is too old; 1.94 or later is needed (rustup update)."
    fi
fi
if ! have cc && ! have gcc && ! have clang; then
    echo "setup: installing a C compiler …"
    install_packages gcc || fail "a C compiler is missing (SQLite is built from source). Install gcc or clang."
fi

for tool in $(turbo_tools_missing); do
    echo "setup: installing $tool …"
    if ! install_packages "$tool"; then
        echo "setup: $tool is missing and could not be installed here. Building without libjpeg-turbo: everything" >&2
        echo "       works, reading JPEGs is slower. To change that, install $tool and run make again." >&2
    fi
done

# Decoders that the program looks for when it runs. The build does not need them, and nothing fails without them.
has_libheif() {
    [[ $(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) == *libheif.so.1* ]] && return
    compgen -G '/usr/lib*/libheif.so.1' >/dev/null || compgen -G '/opt/homebrew/lib/libheif.1.dylib' >/dev/null \
        || compgen -G '/usr/local/lib/libheif.*1*' >/dev/null
}
if ! has_libheif; then
    echo "setup: installing libheif (HEIC and AVIF) …"
    if have apt-get; then packages=(libheif1); else packages=(libheif); fi
    # Newer Debian and Ubuntu package its decoders one by one.
    if have apt-cache; then
        for plugin in libheif-plugin-libde265 libheif-plugin-dav1d; do
            if [ -n "$(apt-cache search --names-only "^$plugin\$" 2>/dev/null)" ]; then packages+=("$plugin"); fi
        done
    fi
    if ! install_packages "${packages[@]}" 2>/dev/null; then
        echo "setup: libheif could not be installed here. Everything works, but HEIC and AVIF files get no picture" >&2
        echo "       until it is (${packages[*]}); \`tintype doctor\` says what decodes, and they are tried again then." >&2
    fi
fi
if ! have ffmpeg; then
    echo "setup: ffmpeg is not installed: films are listed with their dates, without a picture. To change that, install ffmpeg."
fi

# The faster of the two engines for models. The program looks for it when it runs.
scripts/onnxruntime.sh

# The page is built with Node; the program works without it and then says how to build the page.
if [ -f web/package.json ] && { ! have node || ! have npm; }; then
    echo "setup: installing Node …"
    install_packages nodejs npm || fail "Node 20.19 or later is missing (the page is built with it). See https://nodejs.org"
fi
if [ -f web/package.json ] && have node; then
    if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
        fail "Node $(node --version) is too old; the page needs 20.19 or later. See https://nodejs.org"
    fi
fi
exit "$missing_for_good"
