"""What is wrong with the files of a policy folder that are no Rego: data, schemas, capabilities, and strangers."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from placet_cli.errors import CliError
from placet_cli.policy.addresses import address_faults
from placet_cli.policy.data import schema_faults
from placet_cli.policy.faults import Fault
from placet_cli.policy.findings import Finding
from placet_cli.policy.kinds import KINDS
from placet_cli.policy.overlay import lay_over, read_object, read_tree
from placet_cli.policy.pointers import escaped, steps_of

_DATA = "data.json"
_MANIFEST = PurePosixPath(".manifest")
_ROOT = "placet"
# What OPA itself does not mark as nondeterministic and no policy needs; README says why.
_BANNED = frozenset({"print", "trace", "rego.metadata.chain", "rego.metadata.rule"})


def file_findings(policies: Path) -> list[Finding]:
    """Judge every file of the folder that is no Rego.

    Raises:
        CliError: A schema, or something else that the others are judged by, cannot be read.
    """
    files = read_tree(policies / "bundle")
    readable = {name: content for name, content in files.items() if name.name == _DATA and not _unread(name, content)}
    found = shape_findings(policies)
    found += [_data("DATA_INVALID", fault, policies, "bundle") for name in files for fault in _broken(name, files)]
    found += _judged(policies, readable, "bundle")
    known = {(each.id, each.text) for each in found}
    for each in _overlaid(policies, readable):
        if (each.id, each.text) not in known:
            found.append(each)
    return found


def shape_findings(policies: Path) -> list[Finding]:
    """Judge what can be told without holding data against anything: strangers, schemas, capabilities, fractions."""
    files = read_tree(policies / "bundle")
    found = [*_strangers(files), *_schemas(policies), *_capabilities(policies)]
    for name, content in files.items():
        if name.name == _DATA and not _unread(name, content):
            found += _fractions_of(policies, name, content, "bundle")
    return found


def _fractions_of(policies: Path, name: PurePosixPath, content: bytes, folder: str) -> Iterator[Finding]:
    for pointer in _fractions(json.loads(content)):
        fault = Fault(file=str(name), pointer=pointer, text=f"{pointer}: is no integer")
        yield _data("DATA_NOT_INTEGER", fault, policies, folder)


def _judged(policies: Path, files: Mapping[PurePosixPath, bytes], folder: str) -> Iterator[Finding]:
    for name in sorted(files):
        for fault in schema_faults(name, files[name], policies / "schemas"):
            yield _data("DATA_INVALID", fault, policies, folder)
        yield from _fractions_of(policies, name, files[name], folder)
    for fault in address_faults(files):
        yield _data("ADDRESS_UNKNOWN", fault, policies, folder)


def _overlaid(policies: Path, shipped: Mapping[PurePosixPath, bytes]) -> Iterable[Finding]:
    """The same for what the demonstration data make of it; what is wrong already is left out by the caller."""
    if not (policies / "demo").is_dir():
        return []
    try:
        merged = lay_over(shipped, read_tree(policies / "demo"))
    except CliError as error:
        file, _, text = str(error).partition(": ")
        return [Finding(id="DATA_INVALID", file=file, line=1, text=text, kind=KINDS["DATA_INVALID"])]
    return _judged(policies, merged, "demo")


def _broken(name: PurePosixPath, files: Mapping[PurePosixPath, bytes]) -> Iterator[Fault]:
    if name.name == _DATA and (text := _unread(name, files[name])):
        yield Fault(file=str(name), text=text)


def _unread(name: PurePosixPath, content: bytes) -> str:
    try:
        read_object(content, str(name))
    except CliError as error:
        return str(error).removeprefix(f"{name}: ")
    return ""


def _data(id_: str, fault: Fault, policies: Path, folder: str) -> Finding:
    path = policies / folder / fault.file
    file = f"{folder}/{fault.file}" if path.is_file() else f"bundle/{fault.file}"
    text = (policies / file).read_text(encoding="utf-8", errors="replace") if (policies / file).is_file() else ""
    return Finding(id=id_, file=file, line=_line(text, fault.pointer), text=fault.text, kind=KINDS[id_])


def _line(text: str, pointer: str) -> int:
    """The line of a JSON pointer's value: each name is looked for behind the one before it."""
    place = 0
    for step in steps_of(pointer):
        name = json.dumps(step, ensure_ascii=False)
        place = max(text.find(name, place), place)
    return text.count("\n", 0, place) + 1


def _strangers(files: Mapping[PurePosixPath, bytes]) -> Iterator[Finding]:
    for name, content in files.items():
        text = ""
        if name == _MANIFEST:
            roots = [] if _unread(name, content) else read_object(content, str(name)).get("roots")
            text = "" if roots == [_ROOT] else 'roots must be ["placet"]: others could replace the authorization'
        elif name.parts[0] != _ROOT:
            text = "lies outside placet"
        elif name.suffix != ".rego" and name.name != _DATA:
            text = "is neither Rego nor data.json"
        if text:
            yield Finding(id="STRAY_FILE", file=f"bundle/{name}", line=1, text=text, kind=KINDS["STRAY_FILE"])


def _schemas(policies: Path) -> Iterator[Finding]:
    for name, content in read_tree(policies / "schemas").items():
        # What a request says in its own words is open, and no data.
        if str(name) == "input.schema.json":
            continue
        text = content.decode(errors="replace")
        for pointer in _open(read_object(content, f"schemas/{name}"), ""):
            said = f"{pointer or 'the document'}: lets every name through"
            yield Finding(
                id="SCHEMA_OPEN",
                file=f"schemas/{name}",
                line=_line(text, pointer),
                text=said,
                kind=KINDS["SCHEMA_OPEN"],
            )


def _open(schema: Any, pointer: str) -> Iterator[str]:
    """The places of objects that name properties and take others too, or take anything at all."""
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _open(each, f"{pointer}/{index}")
    if not isinstance(schema, dict):
        return
    is_object = schema.get("type") == "object" or "properties" in schema
    if is_object and schema.get("additionalProperties", True) is True and "patternProperties" not in schema:
        yield pointer
    for name, each in schema.items():
        if name in {"properties", "definitions", "patternProperties"} and isinstance(each, dict):
            for inner, value in each.items():
                yield from _open(value, f"{pointer}/{name}/{inner}")
        elif name in {"additionalProperties", "items", "anyOf", "oneOf"}:
            yield from _open(each, f"{pointer}/{name}")


def _capabilities(policies: Path) -> Iterator[Finding]:
    file = "capabilities.json"
    allowed = read_object((policies / file).read_bytes(), file)
    names = [
        each["name"] for each in allowed.get("builtins", []) if each.get("nondeterministic") or each["name"] in _BANNED
    ]
    opened = [f"it allows {name}" for name in names]
    if allowed.get("allow_net") != []:
        opened.append("allow_net is not empty")
    for text in opened:
        yield Finding(id="CAPABILITY_OPENED", file=file, line=1, text=text, kind=KINDS["CAPABILITY_OPENED"])


def _fractions(value: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(value, float):
        yield pointer
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _fractions(each, f"{pointer}/{escaped(name)}")
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _fractions(each, f"{pointer}/{index}")
