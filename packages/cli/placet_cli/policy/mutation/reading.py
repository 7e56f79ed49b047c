"""Files parsed by the real OPA."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from placet_cli.errors import CliError
from placet_cli.policy.mutation.syntax import Source
from placet_cli.policy.opa_run import opa_json

_PARSE = ("parse", "--format", "json", "--json-include", "locations")
# JSON is Rego too: wrapped like this, a document is a term of which OPA says where its parts are.
_WRAPPED = "package document\n\nvalue :=\n"


def read_sources(bundle: Path, files: Iterable[PurePosixPath], *, opa: Path, work: Path, jobs: int) -> list[Source]:
    """Parse modules and data documents.

    Args:
        bundle: The folder that the paths are below.
        files: ``.rego`` and ``.json`` files.
        opa: The pinned OPA.
        work: A folder for files of ours.
        jobs: How many OPA processes run at a time.

    Raises:
        CliError: OPA does not parse a file; the text is its own.
    """
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda file: _read(bundle, file, opa, work), files))


def _read(bundle: Path, file: PurePosixPath, opa: Path, work: Path) -> Source:
    try:
        text = (bundle / file).read_text(encoding="utf-8")
    except OSError as error:
        raise CliError(f"{bundle / file}: {error.strerror}") from error
    if file.suffix == ".rego":
        return Source(file=file, text=text, tree=opa_json(opa, [*_PARSE, str(file)], cwd=bundle))
    wrapped = work / ("_".join(file.parts) + ".rego")
    wrapped.write_text(_WRAPPED + text, encoding="utf-8")
    tree = opa_json(opa, [*_PARSE, wrapped.name], cwd=work)
    return Source(file=file, text=text, tree=tree["rules"][0]["head"]["value"], shift=_WRAPPED.count("\n"))
