"""tests/cluster/record.py and report.py: the report says what was recorded, and nothing else."""

from pathlib import Path

from tests.cluster.record import Record, read
from tests.cluster.report import report


def test_what_is_recorded_is_reported(tmp_path: Path) -> None:
    """Tests with their outcome, figures with their unit, versions once for all modules."""
    record = Record.begin(tmp_path, module="test_install", title="From nothing to an approval")
    record.version("Kubernetes", "v1.34.2")
    record.test("A request is approved.", outcome="passed", seconds=1.26)
    record.test("A request is approved.", outcome="passed", seconds=1)
    record.test("A | request is refused.", outcome="failed", seconds=61)
    record.figure("Until every pod was ready", 12.34567, "s")
    record.figure("Requests", 4000)

    lines = report(read(tmp_path)).splitlines()

    assert "| Kubernetes | v1.34.2 |" in lines
    assert "## From nothing to an approval" in lines
    assert "| A request is approved. | 2 | all | 2.3 |" in lines
    assert "| A \\| request is refused. | 1 | **0** | 61.0 |" in lines
    assert "| Until every pod was ready | 12.346 s |" in lines
    assert "| Requests | 4000 |" in lines


def test_a_module_that_runs_again_replaces_only_its_own_results(tmp_path: Path) -> None:
    """The others keep theirs, from whenever they ran."""
    for module in ("test_one", "test_two"):
        Record.begin(tmp_path, module=module, title=module).figure("Old", 1)
    Record.begin(tmp_path, module="test_two", title="test_two").figure("New", 2)

    figures = {
        module: [line["what"] for line in lines if line["kind"] == "figure"] for module, lines in read(tmp_path).items()
    }
    assert figures == {"test_one": ["Old"], "test_two": ["New"]}


def test_the_revision_of_a_run_is_reported(tmp_path: Path) -> None:
    """A module's heading is followed by when it ran and of which commit."""
    Record.begin(tmp_path, module="test_one", title="One")
    (run,) = read(tmp_path)["test_one"]

    assert f"Run {run['started']}, revision `{run['revision']}`." in report(read(tmp_path)).splitlines()
    assert run["started"].endswith("+00:00")
