#!/bin/sh
# Prints the path of a Python that is new enough for Placet (3.11), or says what to install.
set -eu

for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    path=$(command -v "$name" 2>/dev/null) || continue
    # A version manager's shim may exist and still fail, so each candidate is really run.
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        "$path" -c 'import sys; print(sys.executable)'
        exit 0
    fi
    seen="${seen:-}
    $path: $("$path" --version 2>&1 | head -n 1)"
done

cat >&2 <<MESSAGE
✗ Placet needs Python 3.11 or newer, and none was found.${seen:+
  What is here:$seen}
  Install one by hand and run the same command again:
    Debian, Ubuntu:  apt install python3 python3-venv
    Fedora:          dnf install python3
    macOS:           brew install python
  or name one:       make run PYTHON=/path/to/python3
MESSAGE
exit 1
