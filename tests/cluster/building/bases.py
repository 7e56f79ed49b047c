"""The two base images, made of Debian's packages: one to build on, and one to run on that has no shell.

They stand in for `debian:bookworm-slim` and `gcr.io/distroless/python3-debian12`, so that no image registry is needed.
"""

import shlex
import tarfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from tests.cluster.building.commands import output

SUITE = "bookworm"
EPOCH = 1_700_000_000
"""Seconds since 1970 that every file and image gets as its time."""
HOOK = Path(__file__).with_name("run_base_hook.sh")
"""What makes the base to run on out of Debian packages' files."""
_SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
# Debian's links of /bin and its like into /usr, which a package's script would have made.
_MERGED_USR = 'for each in bin sbin lib lib64; do mkdir -p "$1/usr/$each"; ln -s "usr/$each" "$1/$each"; done'
_BUILD_PACKAGES = "ca-certificates,python3,python3-venv"
_RUN_PACKAGES = "ca-certificates,libstdc++6,python3,tzdata"
_REACHED_BY = ("Acquire::http", "Acquire::Check-", "Acquire::Retries")
# mmdebstrap itself still needs these when the hook runs.
_LEFT_OVER = ("etc/apt", "etc/hostname", "etc/resolv.conf", "usr/sbin/start-stop-daemon")
_LEFT_OVER_STATE = ("var/cache/apt", "var/lib/apt", "var/lib/dpkg/parts", "var/lib/dpkg/status", "var/log/apt")


def build_base(folder: Path, say: Callable[[str], None]) -> Path:
    """A root file system with apt, a shell, Python and its venv module, as a tar in this folder."""
    return _once(folder / "build-base.tar", f"--variant=apt --include={_BUILD_PACKAGES}".split(), say)


def run_base(folder: Path, say: Callable[[str], None]) -> Path:
    """A root file system with Python and what its wheels load, and nothing to run a command line with, as a tar."""
    options = ["--variant=extract", f"--include={_RUN_PACKAGES}", f"--setup-hook={_MERGED_USR}"]
    hook = f'--extract-hook=sh {shlex.quote(str(HOOK))} "$1"'
    return _once(folder / "run-base.tar", [*options, hook], say, without=(*_LEFT_OVER, *_LEFT_OVER_STATE))


def _once(target: Path, options: Sequence[str], say: Callable[[str], None], *, without: Sequence[str] = ()) -> Path:
    """Make it unless it was made by the same recipe."""
    recipe = sha256(repr((options, without, SUITE, EPOCH, HOOK.read_text(encoding="utf-8"))).encode()).hexdigest()
    made_by = target.with_suffix(".recipe")
    if target.is_file() and made_by.is_file() and made_by.read_text(encoding="utf-8") == recipe:
        return target
    say(f"making {target.name} with mmdebstrap, once")
    made_by.unlink(missing_ok=True)
    command: list[str | Path] = ["mmdebstrap", "--quiet", *options, *_apt_options(), SUITE, target, *_sources()]
    output(command, environment={"SOURCE_DATE_EPOCH": str(EPOCH)}, log=target.with_suffix(".log"))
    _take_out(target, without)
    made_by.write_text(recipe, encoding="utf-8")
    return target


def _take_out(archive: Path, paths: Sequence[str]) -> None:
    """Write a tar again without these files and folders (GNU tar's own --delete damages archives of this kind)."""
    if not paths:
        return
    rest = archive.with_suffix(".partial")
    with tarfile.open(archive) as whole, tarfile.open(rest, "w", format=whole.format) as kept:
        for member in whole:
            if not any(f"{member.name}/".startswith(f"./{path}/") for path in paths):
                kept.addfile(member, whole.extractfile(member) if member.isreg() else None)
    rest.replace(archive)


def _sources() -> Sequence[Path]:
    """Where this machine takes Debian's packages from; none leaves the choice to mmdebstrap."""
    return [path for path in _SOURCES if path.is_file() and path.stat().st_size > 0]


def _apt_options() -> Sequence[str]:
    """How this machine reaches them: a proxy, for instance."""
    told = output(["apt-config", "dump", "--format", '%f "%v";%n', "Acquire"])
    return [f"--aptopt={line}" for line in told.splitlines() if line.startswith(_REACHED_BY) and '""' not in line]
