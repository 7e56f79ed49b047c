"""From a policy folder to the bundle that the gate takes."""

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from placet_cli.errors import CliError
from placet_cli.policy.addresses import check_addresses
from placet_cli.policy.data import check_data
from placet_cli.policy.opa_run import opa_text
from placet_cli.policy.overlay import lay_over, read_object, read_tree
from placet_cli.policy.profiles import check_profiles
from placet_cli.policy.staging import is_test, stage_files
from placet_cli.reproducible_archive import read_tar_gz, tar_gz

_MANIFEST = PurePosixPath(".manifest")
_ROOTS = ["placet"]
_REGO_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle.

    Attributes:
        data: The tar.gz.
        revision: ``sha256:`` and the hex digest of ``data``; what the policy tier calls the bundle.
        files: How many files are in it.
    """

    data: bytes
    revision: str
    files: int


def build_bundle(policies: Path, *, opa: Path, demo: bool = False) -> Bundle:
    """Check a policy folder and build its bundle; the same folder gives the same bytes everywhere.

    Args:
        policies: Laid out like ``policies/``: ``bundle``, and where they are there ``schemas``, ``capabilities.json``
            and ``demo``.
        opa: The pinned OPA.
        demo: Lay ``demo`` over the shipped data.

    Raises:
        CliError: The folder is not laid out so, OPA finds a fault in it, a data document does not fit its schema, names
            a chain or an address that cannot be, a profile names a rule that is not there, or a file lies outside
            ``placet``.
    """
    files = _staged(policies, demo=demo)
    if (policies / "schemas").is_dir():
        check_data(files, policies / "schemas")
    check_profiles(files)
    check_addresses(files)
    with tempfile.TemporaryDirectory(prefix="placet-policy-") as work:
        stage = stage_files(files, Path(work) / "bundle")
        _check(policies, stage, opa)
        built = Path(work) / "built.tar.gz"
        opa_text(opa, ["build", "--bundle", *_capabilities(policies), "--output", str(built), "."], cwd=stage)
        # A leading slash in a name is left as OPA wrote it.
        packed = read_tar_gz(built)
    data = tar_gz(packed)
    return Bundle(data=data, revision=f"sha256:{hashlib.sha256(data).hexdigest()}", files=len(packed))


def _staged(policies: Path, *, demo: bool) -> dict[PurePosixPath, bytes]:
    """Collect what ships: everything in ``bundle`` but the tests."""
    files = {name: content for name, content in read_tree(policies / "bundle").items() if _ships(name)}
    for name, content in files.items():
        if name == _MANIFEST:
            _check_manifest(content)
        elif name.parts[0] not in _ROOTS:
            raise CliError(f"bundle/{name}: everything in a bundle lies under placet")
        # OPA would take YAML as data too, past the schemas and past the search for names that occur twice.
        if name.name in {"data.yaml", "data.yml"}:
            raise CliError(f"bundle/{name}: data is written as data.json")
        if name.name == "data.json":
            read_object(content, f"bundle/{name}")
    if demo:
        files = lay_over(files, read_tree(policies / "demo"))
    files.setdefault(_MANIFEST, json.dumps({"roots": _ROOTS, "rego_version": _REGO_VERSION}).encode())
    return files


def _ships(name: PurePosixPath) -> bool:
    return not is_test(name) and (name == _MANIFEST or not name.name.startswith("."))


def _check_manifest(content: bytes) -> None:
    # A bundle with other roots could replace the authorization that OPA loaded from disk.
    if read_object(content, "bundle/.manifest").get("roots") != _ROOTS:
        raise CliError('bundle/.manifest: roots must be ["placet"]')


def _check(policies: Path, stage: Path, opa: Path) -> None:
    schemas = policies / "schemas"
    arguments = ["check", "--strict", "--bundle", *_capabilities(policies)]
    if schemas.is_dir():
        arguments += ["--schema", str(schemas.absolute())]
    opa_text(opa, [*arguments, "."], cwd=stage)


def _capabilities(policies: Path) -> list[str]:
    file = policies / "capabilities.json"
    return ["--capabilities", str(file.absolute())] if file.is_file() else []
