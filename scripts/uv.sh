#!/bin/sh
# Prints the path of a usable uv on standard output; says on standard error what it does to get one.
#
#   1. uv on PATH, when it is new enough for this workspace (required-version in pyproject.toml);
#   2. the pinned uv in the user's cache, outside the tree;
#   3. otherwise it is installed there with pip, which takes a few seconds once.
set -eu

PINNED=0.13.9
OLDEST_MINOR=9 # of 0.x; uv 1 and later are new enough

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/placet/uv-$PINNED"

say() { printf '%s\n' "$*" >&2; }

new_enough() { # $1: a version such as 0.13.9
    major=${1%%.*}
    rest=${1#*.}
    minor=${rest%%.*}
    [ "$major" -ge 1 ] 2>/dev/null || [ "$minor" -ge "$OLDEST_MINOR" ] 2>/dev/null
}

if found=$(command -v uv 2>/dev/null); then
    version=$("$found" --version 2>/dev/null | cut -d' ' -f2)
    if new_enough "${version:-0.0}"; then
        printf '%s\n' "$found"
        exit 0
    fi
    say "  uv ${version:-of unknown version} on PATH is too old (0.$OLDEST_MINOR or newer is needed); using our own."
fi

if "$cache/bin/uv" --version >/dev/null 2>&1; then
    printf '%s\n' "$cache/bin/uv"
    exit 0
fi

python=$("$here/python.sh")
say "→ Installing uv $PINNED with pip into $cache (once)"
started=$(date +%s)
mkdir -p "$(dirname "$cache")"
partial="$cache.partial.$$"
trap 'rm -rf "$partial"' EXIT
log="$partial.log"
if "$python" -m venv "$partial" >"$log" 2>&1; then
    "$partial/bin/python" -m pip install --quiet "uv==$PINNED" >>"$log" 2>&1 || failed=yes
elif "$python" -m pip --version >>"$log" 2>&1; then
    # Debian and Ubuntu ship Python without ensurepip; pip alone will do.
    rm -rf "$partial"
    "$python" -m pip install --quiet --target "$partial" "uv==$PINNED" >>"$log" 2>&1 || failed=yes
else
    say "✗ $python has neither a working venv module nor pip, so uv cannot be installed."
    say "  Install one of them by hand and run the same command again:"
    say "    Debian, Ubuntu:  apt install python3-venv"
    say "    Fedora:          dnf install python3-pip"
    say "  or uv itself:      https://docs.astral.sh/uv/getting-started/installation/"
    rm -f "$log"
    exit 1
fi
if [ "${failed:-no}" = yes ] || ! "$partial/bin/uv" --version >/dev/null 2>&1; then
    say "✗ pip could not install uv $PINNED. Its last words:"
    tail -n 5 "$log" | sed 's/^/    /' >&2
    say "  Is the package index reachable? With uv $PINNED installed by hand (on PATH) this step is not needed."
    rm -f "$log"
    exit 1
fi
rm -f "$log"
# Two first runs may race: the first rename wins, and the other finds what it needs in place.
mv -T "$partial" "$cache" 2>/dev/null || mv "$partial" "$cache" 2>/dev/null || true
say "✓ uv $PINNED ($(($(date +%s) - started)) s)"
printf '%s\n' "$cache/bin/uv"
