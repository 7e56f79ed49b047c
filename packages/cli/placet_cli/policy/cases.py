"""The cases of a policy folder: decisions that people wrote down as YAML, read strictly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.case_changes import ChangeError, change
from placet_cli.policy.staging import DATA_NAMES, read_data
from placet_cli.yaml_file import read_yaml

INPUTS = "inputs.yaml"
"""The file of the named inputs that cases start from; every other YAML file of ``cases`` is a list of cases."""

EFFECTS = ("allow", "hold", "deny")

_FIELDS = {"name", "input", "data", "set", "remove", "set_data", "remove_data", "expect"}
_NEEDED = ("name", "input", "data", "expect")


class CaseError(CliError):
    """A case that cannot be read; the sentence names file, case and field.

    Attributes:
        file: The path below the policy folder.
    """

    def __init__(self, file: str, text: str) -> None:
        super().__init__(f"{file}: {text}")
        self.file = file


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision.

    Attributes:
        name: The file's stem and the case's own name, for people: ``fee_limit: exactly the limit``.
        file: The file, as a path below the policy folder: ``cases/fee_limit.yaml``.
        input: The whole input document.
        data: The whole of ``data.placet`` without Rego.
        effect: The effect that is expected: allow, hold or deny.
        codes: The codes that are expected, in the order of the answer.
    """

    name: str
    file: str
    input: dict[str, Any]
    data: dict[str, Any]
    effect: str
    codes: list[str]

    @property
    def expected(self) -> dict[str, Any]:
        """Effect and codes as the case's ``expect`` has them."""
        return {"effect": self.effect, "codes": self.codes}


def read_inputs(policies: Path) -> dict[str, Any]:
    """Read the named inputs that cases start from.

    Raises:
        CaseError: The file is not there, or holds something else than named objects.
    """
    file = f"cases/{INPUTS}"
    loaded = _yaml(policies, file)
    if not isinstance(loaded, dict) or not all(isinstance(each, dict) for each in loaded.values()):
        raise CaseError(file, "is not a map from names to input documents")
    return loaded


def read_cases(policies: Path) -> list[Case]:
    """Read every case of a policy folder, file by file.

    Raises:
        CaseError: A case has not the fields of one, has a name twice, or changes a place that is not there.
    """
    found = []
    for case in try_cases(policies):
        if isinstance(case, CaseError):
            raise case
        found.append(case)
    return found


def try_cases(policies: Path) -> Iterator[Case | CaseError]:
    """Read every case as ``read_cases`` does, with the error in the place of each that is broken.

    Raises:
        CaseError: The inputs cannot be read, which every case starts from.
    """
    inputs = read_inputs(policies)
    data = {name: read_data(policies, name) for name in DATA_NAMES}
    names: set[str] = set()
    for path in sorted((policies / "cases").glob("*.yaml")):
        if path.name == INPUTS:
            continue
        for case in _in_file(policies, f"cases/{path.name}", inputs, data):
            if isinstance(case, Case) and case.name in names:
                text = f"the name {case.name!r} occurs twice; a failure would not say which case it is"
                yield CaseError(case.file, text)
                continue
            if isinstance(case, Case):
                names.add(case.name)
            yield case


def _yaml(policies: Path, file: str) -> Any:
    path = policies / file
    try:
        return read_yaml(path)
    except CliError as error:
        raise CaseError(file, str(error).removeprefix(f"{path}: ")) from error


def _in_file(
    policies: Path, file: str, inputs: Mapping[str, Any], data: Mapping[str, Any]
) -> Iterator[Case | CaseError]:
    try:
        entries = _yaml(policies, file)
    except CaseError as error:
        yield error
        return
    if not isinstance(entries, list):
        yield CaseError(file, "is not a list of cases")
        return
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            yield CaseError(file, f"case {number}: is not a map")
            continue
        try:
            yield _case(file, f"{Path(file).stem}: {entry.get('name', f'case {number}')}", entry, inputs, data)
        except CaseError as error:
            yield error


def _case(file: str, name: str, entry: Mapping[str, Any], inputs: Mapping[str, Any], data: Mapping[str, Any]) -> Case:
    _check_fields(file, name, entry)
    for field, known in (("input", inputs), ("data", data)):
        if entry[field] not in known:
            raise CaseError(file, f"{name}: {field}: there is no {entry[field]!r}, only {', '.join(sorted(known))}")
    effect, codes = _expected(file, name, entry["expect"])
    return Case(
        name=name,
        file=file,
        input=_changed(file, name, inputs[entry["input"]], entry, ""),
        data=_changed(file, name, data[entry["data"]], entry, "_data"),
        effect=effect,
        codes=codes,
    )


def _check_fields(file: str, name: str, entry: Mapping[str, Any]) -> None:
    for field in entry:
        if field not in _FIELDS:
            raise CaseError(file, f"{name}: {field}: is no field of a case; those are {', '.join(sorted(_FIELDS))}")
    for field in _NEEDED:
        if field not in entry:
            raise CaseError(file, f"{name}: {field}: is missing")


def _expected(file: str, name: str, expect: Any) -> tuple[str, list[str]]:
    if not isinstance(expect, dict) or expect.keys() != {"effect", "codes"}:
        raise CaseError(file, f"{name}: expect: is a map of effect and codes")
    effect, codes = expect["effect"], expect["codes"]
    if effect not in EFFECTS:
        raise CaseError(file, f"{name}: expect/effect: is allow, hold or deny, not {effect!r}")
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise CaseError(file, f"{name}: expect/codes: is a list of codes")
    return effect, codes


def _changed(
    file: str, name: str, document: Mapping[str, Any], entry: Mapping[str, Any], suffix: str
) -> dict[str, Any]:
    try:
        return change(document, entry, sets=f"set{suffix}", removes=f"remove{suffix}")
    except ChangeError as error:
        raise CaseError(file, f"{name}: {error.field}: {error}") from error
