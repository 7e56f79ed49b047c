"""What holds for every test."""

import os
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

# A deadline would make a test depend on how busy the machine is, and so would a check of how quickly examples are made.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _PATIENT)
settings.register_profile("long", _PATIENT, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_PYTHONS_OWN_RECURSION_LIMIT = 1000


@pytest.fixture(autouse=True)
def _recursion_limit() -> None:
    """Give every test the recursion limit that the services run with.

    eth-account, the oracle of a few tests, imports py_ecc, which raises it to 100,000 for the whole process: deep input
    would then end the interpreter where the product answers with an error.
    """
    sys.setrecursionlimit(_PYTHONS_OWN_RECURSION_LIMIT)


@pytest.fixture(autouse=True)
def _logging_of_its_own() -> Iterator[None]:
    """Undo a test's logging configuration: it may write to a stream that ends with the test."""
    yield
    structlog.reset_defaults()
