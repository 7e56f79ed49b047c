"""Where the pinned OPA is, and how it comes to be there.

Everything in this project decides with real OPA of one version; another version is never used in its place.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer

from placet_cli import go_build
from placet_cli.errors import CliError

VERSION = "1.22.2"

_VERSION_SECONDS = 30.0
_BY_HAND = (
    f"Install it by hand: take the file for your machine from"
    f" https://github.com/open-policy-agent/opa/releases/tag/v{VERSION}, make it executable, and put it on PATH as"
    f" `opa` or name it in PLACET_OPA"
)


class OpaUnavailableError(CliError):
    """There is no OPA of the pinned version and none could be built."""


def pinned_opa() -> Path:
    """Find or build the pinned OPA as a command does: this process's environment, progress on standard error.

    Raises:
        OpaUnavailableError: As ``find_or_install``.
    """
    return find_or_install(environment=os.environ, say=lambda line: typer.echo(f"placet: {line}", err=True))


def find_or_install(*, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """Find the pinned OPA, or build it into the cache.

    Args:
        environment: ``PLACET_OPA``, ``PATH``, ``XDG_CACHE_HOME`` and ``HOME`` are read, and passed on to Go.
        say: Takes one line of progress at a time.

    Returns:
        An absolute path to an executable that says it is OPA ``VERSION``.

    Raises:
        OpaUnavailableError: None is there and none could be built, or PLACET_OPA names another one; the text says what
            to do by hand.
    """
    named = environment.get("PLACET_OPA")
    if named:
        return _named(Path(named))
    on_path = shutil.which("opa", path=environment.get("PATH"))
    if on_path is not None and has_version(Path(on_path)):
        return Path(on_path).absolute()
    target = cache_path(environment)
    if has_version(target):
        return target
    say(f"OPA {VERSION} is neither on PATH nor at {target}")
    return _install(target, environment, say)


def cache_path(environment: Mapping[str, str]) -> Path:
    """Tell where the pinned OPA is kept: ``$XDG_CACHE_HOME``, else ``~/.cache``, ``/placet/opa/v1.22.2/opa``."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".cache")
    return Path(cache).absolute() / "placet" / "opa" / f"v{VERSION}" / "opa"


def has_version(executable: Path) -> bool:
    """Ask an executable whether it is the pinned OPA; one that cannot be run is not."""
    if not executable.is_file():
        return False
    try:
        answer = subprocess.run(  # noqa: S603 - the path is PATH's, the cache's or the user's own
            [executable, "version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return False
    return answer.returncode == 0 and f"Version: {VERSION}" in answer.stdout.splitlines()


def _named(executable: Path) -> Path:
    # Someone who names an executable means that one; taking another in silence would hide his mistake.
    if not has_version(executable):
        raise OpaUnavailableError(f"PLACET_OPA names {executable}, which is not OPA {VERSION}. {_BY_HAND}")
    return executable.absolute()


def _install(target: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    started = time.monotonic()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(target.parent / ".lock", say):
            # Whoever held the lock before us may have done the work.
            if not has_version(target):
                _build_beside(target, environment, say)
    except OSError as error:
        raise OpaUnavailableError(f"{target.parent}: {error.strerror}. {_BY_HAND}") from error
    say(f"OPA {VERSION} is at {target}, after {time.monotonic() - started:.0f} s")
    return target


def _build_beside(target: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Build next to the target and rename, so that the target is whole whenever it is there."""
    with tempfile.TemporaryDirectory(prefix=".build-", dir=target.parent) as work:
        try:
            built = go_build.build(VERSION, Path(work), environment=environment, say=say)
        except go_build.BuildFailedError as error:
            raise OpaUnavailableError(f"OPA {VERSION} could not be built: {error}. {_BY_HAND}") from error
        if not has_version(built):
            raise OpaUnavailableError(f"what was built does not say that it is OPA {VERSION}. {_BY_HAND}")
        built.replace(target)


@contextmanager
def _only_one(lock_file: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock that the kernel frees when its holder dies."""
    descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is building it; waiting for that one")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
