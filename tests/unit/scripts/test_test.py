"""`make test`: how each part is run."""

import pytest

from scripts.test import PARTS, step_for


@pytest.mark.parametrize("part", PARTS)
def test_a_long_run_gives_every_test_an_hour(part: str) -> None:
    """With `--long` no part keeps the timeout of a short test, and no test marked long is left out."""
    command = list(step_for(part, long=True).argv)

    assert command[command.index("--timeout") + 1] == "3600"
    assert "not long" not in command


@pytest.mark.parametrize("part", PARTS)
def test_a_short_run_leaves_the_long_tests_out(part: str) -> None:
    """Without it they are not run, and the timeout is pyproject.toml's."""
    command = list(step_for(part, long=False).argv)

    assert command[command.index("not long") - 1] == "-m"
    assert "--timeout" not in command
