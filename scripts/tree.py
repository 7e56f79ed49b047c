"""What no tracked file may hold: machine paths, other package indexes, tests that skip, overlong files."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.steps import ROOT

MAX_LINES = 400
# A path of somebody's machine works nowhere else. The pattern is split so that this file does not hold it.
MACHINE_PATH = re.compile(r"(?:^|[^\w.])/(?:tmp" + r"|work|root|home/\w+)/")
SKIPPED = re.compile(r"pytest\.(?:skip|mark\.skip|mark\.xfail|importorskip)" + r"|unittest\.skip")
LOCK_SOURCE = re.compile(r'(?:registry = |url = )"(https?://[^/"]+)')
INDEX_HOSTS = frozenset({"https://pypi.org", "https://files.pythonhosted.org"})
GENERATED = "proto/gen/"


def tracked() -> list[Path]:
    """Every file git knows, relative to the root."""
    argv = ["git", "ls-files", "-z"]
    names = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    return [Path(name) for name in names if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    """The file's text, or None for one that is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def machine_paths(path: Path, text: str) -> Iterator[str]:
    """Lines that name a place on one particular machine."""
    if path.name == "uv.lock":
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: a machine path: {line.strip()[:120]}"


def skipped_tests(path: Path, text: str) -> Iterator[str]:
    """Tests that may not run: a skipped proof is no proof."""
    if path.parts[0] == "tests" and SKIPPED.search(text):
        yield f"{path}: a test that can skip"


def overlong(path: Path, text: str) -> Iterator[str]:
    """Source files in which a second noun hides."""
    lines = text.count("\n")
    if path.suffix in {".py", ".rego"} and not str(path).startswith(GENERATED) and lines > MAX_LINES:
        yield f"{path}: {lines} lines (the ceiling is {MAX_LINES})"


def foreign_indexes(path: Path, text: str) -> Iterator[str]:
    """Packages locked from anywhere but the public index, or with npm registry addresses: useless elsewhere."""
    if path.name == "uv.lock":
        for host in sorted(set(LOCK_SOURCE.findall(text)) - INDEX_HOSTS):
            yield f"{path}: packages are locked from {host}"
    if path.name == "package-lock.json" and '"resolved":' in text:
        yield f"{path}: names registry addresses; make it with `npm install --omit-lockfile-registry-resolved`"


RULES: tuple[Callable[[Path, str], Iterator[str]], ...] = (machine_paths, skipped_tests, overlong, foreign_indexes)


def main() -> int:
    """Print every finding; 0 when there is none."""
    findings = []
    for path in tracked():
        text = text_of(path)
        if text is not None:
            findings += [finding for rule in RULES for finding in rule(path, text)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
