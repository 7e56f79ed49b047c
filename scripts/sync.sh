#!/bin/sh
# Brings .venv to what uv.lock says. Arguments go to `uv sync`.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
cd "$root"
started=$(date +%s)
uv=$(scripts/uv.sh)

# An environment that is already there keeps its interpreter; uv looks for none and downloads none.
if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=.venv/bin/python
else
    python=$(scripts/python.sh)
    echo "→ Installing the locked Python packages into .venv (once; about a minute on a cold cache)" >&2
    # Compiled now, or at the first start of every process: three of them start at once in `make run`.
    set -- --compile-bytecode "$@"
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! "$uv" sync --frozen --python "$python" "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "✗ The Python packages could not be installed (see above). They are named in uv.lock." >&2
    exit 1
fi
changed=$(grep -c '^ [+-] ' "$log" || true)
echo "✓ Python packages: ${changed} changed ($(($(date +%s) - started)) s)" >&2
