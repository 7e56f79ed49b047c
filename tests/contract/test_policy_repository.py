"""The policy folder as a repository of its own: the hook and the job that it brings, with nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from opa_binary import opa_binary

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FEE = "bundle/placet/rules/fee_limit/fee_limit.rego"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh git repository that holds a copy of the folder, with the hook in its place."""
    folder = tmp_path_factory.mktemp("own") / "custody-policies"
    shutil.copytree(POLICIES, folder)
    _run(folder, "git", "init", "--quiet")
    shutil.copy(folder / "ci" / "pre-commit", folder / ".git" / "hooks" / "pre-commit")
    _run(folder, "git", "add", "--all")
    return folder


def _run(folder: Path, *command: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
    # Nothing of the environment points at this repository but where placet itself is installed.
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(folder.parent),
        "PLACET_OPA": str(opa_binary()),
        **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return done


def test_the_hook_lets_a_sound_folder_be_committed_and_stops_a_broken_one(repository: Path) -> None:
    """The first commit passes check and test; a rule that vanishes where it is undefined is not committed."""
    committed = _run(repository, "git", "commit", "--message", "Start")
    assert "✓ nothing found" in committed.stderr
    assert "Rego tests (100 % covered)" in committed.stderr

    rule = repository / FEE
    sound = rule.read_text(encoding="utf-8")
    rule.write_text(sound.replace("\tnot _within_limit\n", "\t_fee > _limit\n"), encoding="utf-8")
    _run(repository, "git", "add", FEE)
    # What lies in the working tree does not count, only what would be committed.
    rule.write_text(sound, encoding="utf-8")
    refused = _run(repository, "git", "commit", "--message", "Break", expected=1)
    assert f"{FEE}:" in refused.stderr + refused.stdout
    assert "error: HEAD_NOT_NEGATED: deny: the body negates no helper" in refused.stderr + refused.stdout
    assert _run(repository, "git", "rev-list", "--count", "HEAD").stdout == "1\n"
    _run(repository, "git", "add", FEE)


def test_the_jobs_commands_hold_in_the_repository(repository: Path) -> None:
    """Every command that the job gives to placet runs, and what it leaves behind is there."""
    job = yaml.safe_load((repository / "ci" / "github.yaml").read_text(encoding="utf-8"))["jobs"]["policies"]
    commands = [step["run"] for step in job["steps"] if step.get("run", "").startswith("placet ")]

    assert [command.split()[2] for command in commands] == ["check", "test", "build"]
    for command in (commands[0], commands[2]):
        _run(repository, "sh", "-c", command)
    log = json.loads((repository / "findings.sarif").read_text(encoding="utf-8"))
    assert (log["version"], log["runs"][0]["results"]) == ("2.1.0", [])
    assert (repository / "bundle.tar.gz").stat().st_size > 10_000


def test_build_refuses_what_check_calls_an_error(repository: Path, tmp_path: Path) -> None:
    """A bundle is a release: a rule that compiles and fails open is in none."""
    folder = shutil.copytree(repository, tmp_path / "broken")
    rule = folder / FEE
    text = rule.read_text(encoding="utf-8")
    rule.write_text(text.replace("\tnot _within_limit\n", "\t_fee > _limit\n"), encoding="utf-8")

    refused = _run(folder, "placet", "policy", "build", ".", "-o", "bundle2.tar.gz", expected=1)

    assert refused.stderr.startswith("placet: no bundle may have these errors:\n")
    assert "HEAD_NOT_NEGATED: deny: the body negates no helper" in refused.stderr
    assert not (folder / "bundle2.tar.gz").exists()


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_folder_that_cannot_be_judged_is_another_exit_status(command: str, tmp_path: Path) -> None:
    """A pipeline tells a finding (1) from a folder that is none (2)."""
    refused = _run(tmp_path, "placet", "policy", command, ".", expected=2)

    assert refused.stderr == "placet: .: is no policy folder; it has no bundle\n"


def test_nothing_in_the_folder_needs_this_repository() -> None:
    """No file of the folder runs make, or names a test or a script that only Placet's own repository has."""
    files = [file for file in POLICIES.rglob("*") if file.is_file() and file.name != "capabilities.json"]
    texts = {file: file.read_text(encoding="utf-8") for file in files}

    needing = [file for file, text in texts.items() for word in ("`make ", "tests/", "scripts/") if word in text]
    assert needing == []
