"""A policy's data beside its schemas: data of another shape would hold honest requests, or refuse them for good."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import referencing
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing.exceptions import Unresolvable

from placet_cli.errors import CliError
from placet_cli.policy.faults import Fault, refuse
from placet_cli.policy.overlay import read_object
from placet_cli.policy.pointers import pointer

_DATA = "data.json"
_SUFFIX = ".schema.json"
_ROOT = "placet"
_MESSAGE_CHARACTERS = 200
_EVM_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}", re.ASCII)


def check_data(files: Mapping[PurePosixPath, bytes], schemas: Path) -> None:
    """Hold every ``data.json`` of a bundle against the schema of the same path below ``schemas``.

    ``placet/rules/fee_limit/data.json`` belongs to ``rules/fee_limit.schema.json``.

    Args:
        files: What ships, overlay and all.
        schemas: The folder of the schemas (JSON Schema, draft 7 where a schema names no other).

    Raises:
        CliError: A document has no schema or does not fit it, or a schema is none. The text has one line a fault, with
            the document's name and the JSON pointer (RFC 6901) of the value.
    """
    refuse(fault for name in sorted(files) if name.name == _DATA for fault in schema_faults(name, files[name], schemas))


def schema_faults(name: PurePosixPath, content: bytes, schemas: Path) -> Iterator[Fault]:
    """Hold one document against its schema; see ``check_data``."""
    schema = schema_of(name)
    if not (schemas / schema).is_file():
        yield Fault(file=str(name), text=f"has no schema; it would be schemas/{schema}")
        return
    data = read_object(content, str(name))
    try:
        errors = sorted(_validator(schemas / schema, f"schemas/{schema}").iter_errors(data), key=_place)
    except Unresolvable as error:
        raise CliError(f"schemas/{schema}: a reference leads nowhere: {error}") from error
    for fault in errors:
        place = _pointer(fault, data)
        yield Fault(file=str(name), pointer=place, text=f"{place or 'the document'}: {_words(fault)}")


def schema_of(name: PurePosixPath) -> PurePosixPath:
    """Return where the schema of a document is, below ``schemas``."""
    path = PurePosixPath(*name.parent.parts[1:]) if name.parts[0] == _ROOT else name.parent
    return path.with_name(path.name + _SUFFIX) if path.name else PurePosixPath(_SUFFIX)


def _validator(file: Path, name: str) -> Validator:
    try:
        schema = read_object(file.read_bytes(), name)
    except OSError as error:
        raise CliError(f"{name}: {error.strerror}") from error
    kind = validator_for(schema, default=jsonschema.Draft7Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise CliError(f"{name}: is no schema: {error.message}") from error
    # An empty registry: a reference to another document is a fault and never a request to the network.
    validator: Validator = kind(schema, registry=referencing.Registry())
    return validator


def _place(error: jsonschema.ValidationError) -> list[str]:
    return [str(part) for part in error.absolute_path]


def _pointer(error: jsonschema.ValidationError, data: Any) -> str:
    """Where the fault is. A name that does not fit counts as the place of its value."""
    parts = list(error.absolute_path)
    found = data
    for part in parts:
        found = found[part]
    if error.instance is not found:
        parts.append(str(error.instance))
    return pointer(parts)


def _words(error: jsonschema.ValidationError) -> str:
    if isinstance(error.instance, str) and _EVM_ADDRESS.fullmatch(error.instance):
        return "is not canonical; write EVM addresses in lower case"
    if _is_number_for_text(error):
        return f'{error.instance} is a number; write it as text: "{error.instance}"'
    message = error.message
    return message if len(message) <= _MESSAGE_CHARACTERS else f"{message[:_MESSAGE_CHARACTERS]}…"


def _is_number_for_text(error: jsonschema.ValidationError) -> bool:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    is_number = isinstance(error.instance, int) and not isinstance(error.instance, bool)
    return error.validator == "type" and "string" in wanted and is_number
