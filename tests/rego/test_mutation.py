"""The starter library under mutation: its tests and cases notice nearly every way in which it could be wrong.

`make test` judges the arithmetic, the subject and one rule; `make test-long` judges everything.
"""

import os
from pathlib import Path

import pytest
from node_oracle import LONG
from opa_binary import opa_binary
from placet_cli.policy.mutation.results import score
from placet_cli.policy.mutation.workflow import Options, Run, mutate
from policy_folder import POLICIES

_SAMPLE = ("lib.amounts", "lib.subject", "rules.provenance")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The sample, or the whole library, judged with a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        jobs = len(os.sched_getaffinity(0))
        only = () if LONG else _SAMPLE
        options = Options(policies=Path(POLICIES), opa=opa_binary(), jobs=jobs, only=only, searched=False)
        return mutate(options, phase=lambda _name, _steps: lambda: None)


def test_the_library_scores_at_least_95_percent(run: Run) -> None:
    """Of a hundred mutants ninety-five are noticed."""
    assert len(run.results) > (2_000 if LONG else 30)
    assert score(run.results).hundredths >= 9_500


def test_the_list_of_accepted_survivors_is_not_stale(run: Run) -> None:
    """Nothing is accepted that is noticed."""
    assert run.stale == []
