"""The top of the command line: what it lists, what it imports, and how it fails."""

import subprocess
import sys
from pathlib import Path

import pytest
from placet_cli.__main__ import app
from placet_cli.command_tree import COMMANDS
from typer.testing import CliRunner

RUNNER = CliRunner()


def test_help_lists_every_command() -> None:
    """A person who types `placet --help` sees each command group."""
    result = RUNNER.invoke(app, ["--help"])
    assert result.exit_code == 0
    assert [name for name in COMMANDS if name not in result.stdout] == []


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2, and the name is repeated."""
    result = RUNNER.invoke(app, ["nonesuch"])
    assert result.exit_code == 2
    assert "No such command 'nonesuch'" in result.stderr


def test_no_command_shows_the_help() -> None:
    """`placet` alone explains itself."""
    assert "Usage: placet" in RUNNER.invoke(app, []).output


@pytest.mark.parametrize("group", ["keys", "policy", "node", "opa"])
def test_a_group_without_a_command_shows_its_commands(group: str) -> None:
    """`placet keys` alone explains itself."""
    result = RUNNER.invoke(app, [group])
    assert f"Usage: placet {group}" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_no_part_installs_shell_completion(command: str) -> None:
    """The top does not offer it, so its parts do not either."""
    assert "completion" not in RUNNER.invoke(app, [command, "--help"]).output


@pytest.mark.parametrize("port", ["-1", "0", "65536", "99999"])
def test_a_port_that_is_none_is_a_usage_error(port: str) -> None:
    """Exit code 2, before anything is made."""
    result = RUNNER.invoke(app, ["up", "--port", port], env={"COLUMNS": "200"})
    assert (result.exit_code, "Invalid value for '--port'" in result.stderr) == (2, True)


def test_opa_path_imports_nothing_of_the_other_commands() -> None:
    """Scripts call it first, so it must not need what only other commands need."""
    script = (
        "import sys; from placet_cli.__main__ import app; import placet_cli.opa;"
        "print(sorted({'httpx', 'yaml', 'cryptography', 'placet_callback', 'placet_edge'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_failure_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    """What the user can mend is said in one line on standard error, with exit code 1."""
    done = subprocess.run(
        [sys.executable, "-m", "placet_cli", "keys", "show", str(tmp_path / "absent.pem")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"placet: {tmp_path}/absent.pem: No such file or directory\n"
