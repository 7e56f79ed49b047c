"""Every fuzz target under atheris for some seconds: inputs that reach new branches are changed further."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz_targets import TARGETS

SECONDS_OF_EACH = 20
_SECONDS_AROUND = 60
"""To start, to read the seeds and to end."""
_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_no_input_found_by_coverage_raises_anything_else(name: str, tmp_path: Path) -> None:
    """Whatever a coverage-guided fuzzer finds in this time, the decoder reads it or raises its own errors."""
    program = [sys.executable, str(Path(__file__).with_name("coverage_guided.py")), name]
    done = subprocess.run(
        [*program, "--seconds", str(SECONDS_OF_EACH), "--folder", str(tmp_path)],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT / "tests" / "support")},
        timeout=SECONDS_OF_EACH + _SECONDS_AROUND,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    failing = {found.name: found.read_bytes().hex() for found in tmp_path.iterdir() if found.is_file()}

    assert (done.returncode, failing) == (0, {}), done.stderr[-4000:]
    assert "stat::number_of_executed_units:" in done.stderr
