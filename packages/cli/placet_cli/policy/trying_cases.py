"""A case of a policy folder as something to try: its input, under the folder's rules with the case's own data."""

import difflib
import json
import shlex
from pathlib import Path

from placet_cli.policy.cases import INPUTS, Case, CaseError, try_cases
from placet_cli.policy.folder import BrokenInputError
from placet_cli.policy.release import Release
from placet_cli.policy.staging import read_modules
from placet_cli.policy.subject import Subject
from placet_cli.reproducible_archive import tar_gz

_MANIFEST = b'{"roots": ["placet"], "rego_version": 1}'


def command_for(policies: Path, case: Case) -> str:
    """Return the command line that tries a case of a policy folder."""
    arguments = ["placet", "policy", "try", str(policies / case.file), "--case", case.name.partition(": ")[2]]
    return shlex.join(arguments)


def open_case(file: Path, name: str, work: Path) -> tuple[Subject, Release]:
    """Find a case and make the release that decides it.

    Its data may be broken on purpose, so that no schema judges them and the release is none that could be shipped.

    Args:
        file: ``DIR/cases/NAME.yaml`` of a policy folder ``DIR``.
        name: The case's name, with or without the file's stem before it.
        work: An empty folder for what is built.

    Raises:
        CliError: The file is not that of a policy folder, has no such case, or the case cannot be read.
    """
    if file.parent.name != "cases" or file.suffix != ".yaml" or file.name == INPUTS or not file.is_file():
        raise BrokenInputError(f"{file}: is no file of cases, which is DIR/cases/NAME.yaml of a policy folder DIR")
    policies = file.parent.parent
    case = _find(policies, file, name.removeprefix(f"{file.stem}: "))
    modules = {f"/{path}": content for path, content in read_modules(policies).items()}
    bundle = work / "bundle.tar.gz"
    data = json.dumps({"placet": case.data}).encode()
    bundle.write_bytes(tar_gz({"/.manifest": _MANIFEST, "/data.json": data, **modules}))
    codes = f" ({', '.join(case.codes)})" if case.codes else ""
    subject = Subject(
        name=f"case {case.name}",
        document=case.input,
        note=f"the data are the case's too, which starts from the {case.base} ones; it expects {case.effect}{codes}",
    )
    return subject, Release(name=str(policies), bundle=bundle, folder=policies)


def _find(policies: Path, file: Path, name: str) -> Case:
    names: list[str] = []
    for case in try_cases(policies):
        if case.file != f"cases/{file.name}":
            continue
        if isinstance(case, CaseError):
            if str(case).startswith(f"{case.file}: {file.stem}: {name}: "):
                raise case
            continue
        names.append(case.name.partition(": ")[2])
        if names[-1] == name:
            return case
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise BrokenInputError(f"{file}: has no case {name!r}{hint}")
