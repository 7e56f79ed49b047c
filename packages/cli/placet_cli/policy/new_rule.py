"""A new rule in a policy folder: everything that `placet policy check` and `test` ask for, ready to be changed."""

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from placet_cli.policy.cases import read_inputs
from placet_cli.policy.folder import BrokenFolderError, judging
from placet_cli.policy.staging import read_modules

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Words of Rego, which no step of a package's path can be, and the package that combines the rules.
_TAKEN = re.compile("as|contains|default|else|every|false|if|import|in|input|data|main|not|null|package|some|true|with")
_CODES = ("NOT_ALLOWED", "NOT_CONFIGURED")


def new_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The rule's name: small letters, digits, underscores.")],
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="A folder laid out like policies/.")] = Path(
        "policies"
    ),
) -> None:
    """Write a rule with its test, data, schema and cases, which pass `check` and `test` as they are.

    It holds what is not on a list of chains, which is empty; no profile names it yet, so no decision changes.

    Exit status: 0 written; 2 wrong name, or the folder is none or has such a rule.
    """
    with judging(directory):
        files = new_rule(directory, name)
        for file, text in files.items():
            path = directory / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for file in files:
        typer.echo(f"{directory / file}")
    typer.echo(_next_steps(name, directory), nl=False)


def new_rule(policies: Path, name: str) -> dict[str, str]:
    """Return the files of a new rule by their path below the policy folder; nothing is written.

    Raises:
        BrokenFolderError: The name is none for a rule, or the folder has such a rule, file or code.
    """
    if not _NAME.fullmatch(name) or _TAKEN.fullmatch(name) or name.endswith("_test"):
        raise BrokenFolderError(
            f"{name!r} is no name for a rule: a letter, then at most 39 small letters, digits and underscores, no word"
            f" of Rego, and no _test at the end"
        )
    base, chain = _starting_input(policies)
    words = {
        "NAME": name,
        "CODE": name.upper(),
        "TITLE": name.replace("_", " ").capitalize(),
        "INPUT": base,
        "CHAIN": chain,
    }
    files = {
        f"bundle/placet/rules/{name}/{name}.rego": "rule.rego",
        f"bundle/placet/rules/{name}/{name}_test.rego": "rule_test.rego",
        f"bundle/placet/rules/{name}/data.json": "data.json",
        f"schemas/rules/{name}.schema.json": "schema.json",
        f"cases/{name}.yaml": "cases.yaml",
    }
    _refuse_existing(policies, name, files)
    return {file: _filled(template, words) for file, template in files.items()}


def _refuse_existing(policies: Path, name: str, files: Mapping[str, str]) -> None:
    for file in files:
        if (policies / file).exists():
            raise BrokenFolderError(f"{policies / file} is there already; choose another name")
    everything = b"".join(read_modules(policies).values())
    for ending in _CODES:
        code = f"{name.upper()}_{ending}"
        if f'"{code}"'.encode() in everything:
            raise BrokenFolderError(f"the code {code} is another rule's already; choose another name")


def _starting_input(policies: Path) -> tuple[str, str]:
    """A named input that no other rule must judge, and its chain."""
    for name, document in read_inputs(policies).items():
        facts = document.get("facts") or {}
        chain = (facts.get("chain") or {}).get("id")
        plain = facts.get("calls") == facts.get("messages") == []
        if (document.get("request") or {}).get("type") == "KEY_SIGN" and plain and isinstance(chain, str):
            return name, chain
    raise BrokenFolderError(
        "cases/inputs.yaml: has no transaction without calls and messages, which new cases start from"
    )


def _filled(template: str, words: Mapping[str, str]) -> str:
    text = (resources.files("placet_cli.policy") / "rule_template" / template).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def _next_steps(name: str, directory: Path) -> str:
    return f"""
Next:
  1. Say in bundle/placet/rules/{name}/{name}.rego what the rule stops, and in {name}_test.rego when.
  2. Change data.json, schemas/rules/{name}.schema.json and cases/{name}.yaml with it.
  3. placet policy check {directory} && placet policy test {directory}
  4. Take custom.unused out and name {name} in bundle/placet/profiles/data.json; give demo/ data that let the samples
     through, and cases/shipped.yaml the code that the rule adds.
"""
