"""YAML that people write, with duplicate keys refused.

PyYAML keeps the last of two equal keys in silence; an operator who pasted a second ``callback`` section would never
know which of them his node follows, nor a policy's author which of two expectations his case has.
"""

from pathlib import Path
from typing import Any

import yaml

from placet_cli.errors import CliError

_LARGEST_FILE = 1024 * 1024


class _UniqueKeyLoader(yaml.SafeLoader):
    """SafeLoader that refuses a mapping with two equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key_node, _ in node.value:
            # Scalars are compared as they stand in the file: `1` and `"1"` are one key to a reader.
            name = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if name in seen:
                line = key_node.start_mark.line + 1
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {name!r} in line {line}")
            if name is not None:
                seen.add(name)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> Any:
    """Read one YAML document.

    Raises:
        CliError: The file cannot be read, is larger than 1 MiB, is not UTF-8 or no YAML, or has a key twice; the text
            names it.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}") from error
    if len(data) > _LARGEST_FILE:
        raise CliError(f"{path}: larger than 1 MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CliError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader with one more check
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "not YAML"
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1})"
        raise CliError(f"{path}: {problem}{where}") from error
    except (RecursionError, ValueError) as error:
        raise CliError(f"{path}: not YAML") from error
