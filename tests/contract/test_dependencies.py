"""What each service is installed with: each one without the libraries that only the other one needs."""

import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _uv() -> str:
    script = ROOT / "scripts" / "uv.sh"
    return subprocess.run([script], capture_output=True, text=True, check=True).stdout.strip()


def _installed_with(package: str) -> Collection[str]:
    """The names of everything that the lock file installs for one package, as an image does it."""
    command = [_uv(), "export", "--package", package, "--no-dev", "--frozen", "--offline", "--no-hashes", "--quiet"]
    done = subprocess.run([*command, "--python", sys.executable], cwd=ROOT, capture_output=True, text=True, check=True)
    return {found[1].lower() for found in re.finditer(r"^([A-Za-z0-9._-]+)==", done.stdout, re.MULTILINE)}


@pytest.mark.parametrize(
    ("package", "needed", "foreign"),
    [
        (
            "placet-edge",
            {"starlette", "uvicorn", "grpcio"},
            r"opa-python-client|aiohttp|tuf|sqlalchemy|eth-.*|rlp|coincurve|jsonschema",
        ),
        ("placet-policy", {"opa-python-client", "aiohttp", "rlp", "grpcio"}, r"starlette|uvicorn|httptools|jsonschema"),
    ],
)
def test_a_service_is_installed_without_the_libraries_of_the_other(
    package: str, needed: Collection[str], foreign: str
) -> None:
    """What parses untrusted bytes for one service is not there to be attacked in the other."""
    installed = _installed_with(package)
    assert set(needed) - set(installed) == set()
    assert [name for name in sorted(installed) if re.fullmatch(foreign, name)] == []
