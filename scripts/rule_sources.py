"""The rules of the policy as their pages tell them: annotations, data, schema and cases, read from policies/."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from placet_cli.opa_binary import pinned_opa
from placet_cli.policy.annotations import annotations
from placet_cli.policy.overlay import lay_over, read_tree
from placet_cli.policy.staging import read_modules

_RULES = ("data", "placet", "rules")
_DATA = PurePosixPath("placet/rules")
_READ = re.compile(r"data\.placet\.((?:registry|rules)\.[a-z_]+|accept_unprovable|windows)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCode:
    """A reason code of a rule, from the METADATA of its head.

    Attributes:
        code: UPPER_SNAKE.
        effect: `deny` or `hold`.
        title: What was found.
        description: When it is found.
        severity: low, medium, high or critical.
        remediation: What a person can do.
        owner: The team that is asked.
    """

    code: str
    effect: str
    title: str
    description: str
    severity: str
    remediation: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule, from everything that the policy folder says of it.

    Attributes:
        name: Its folder below `bundle/placet/rules`.
        title: Of the package.
        description: Of the package: what it stops.
        configure: The package's `custom.configure`, Markdown; empty where the fields say everything.
        unused: The package's `custom.unused`: why no profile names it.
        codes: In the order of the file.
        reads: Data beside its own, as paths below `data.placet`.
        profiles: Request types whose profile names it.
        schema: Of its data; None for a rule without.
        shipped: Its data as it ships; None for a rule without.
        example: The schema's first example, else the data with the demonstration's laid over.
        cases: The entries of its file in `cases`.
    """

    name: str
    title: str
    description: str
    configure: str
    unused: str
    codes: Sequence[RuleCode]
    reads: Sequence[str]
    profiles: Sequence[str]
    schema: Mapping[str, Any] | None
    shipped: Mapping[str, Any] | None
    example: Mapping[str, Any] | None
    cases: Sequence[Mapping[str, Any]]


def rules(policies: Path) -> list[Rule]:
    """Every rule of a policy folder, by name.

    Args:
        policies: Laid out like `policies/`.

    Raises:
        CliError: OPA cannot read the bundle.
        KeyError: A head lacks a part of its METADATA; `policies/checks` says which.
    """
    with tempfile.TemporaryDirectory() as work:
        entries = annotations(read_modules(policies), Path(work), opa=pinned_opa())
    profiles = json.loads((policies / "bundle/placet/profiles/data.json").read_bytes())
    names = sorted({name for entry in entries if (name := _rule_of(entry))})
    return [_rule(policies, name, entries, profiles["request_types"]) for name in names]


def _rule(policies: Path, name: str, entries: Sequence[Mapping[str, Any]], profiles: Mapping[str, Any]) -> Rule:
    own = [entry for entry in entries if _rule_of(entry) == name]
    package = next(entry["annotations"] for entry in own if entry["annotations"]["scope"] == "package")
    custom = package.get("custom", {})
    source = (policies / f"bundle/placet/rules/{name}/{name}.rego").read_text(encoding="utf-8")
    schema = _json(policies / f"schemas/rules/{name}.schema.json")
    cases = policies / f"cases/{name}.yaml"
    return Rule(
        name=name,
        title=package["title"],
        description=" ".join(package["description"].split()),
        configure=custom.get("configure", "").strip(),
        unused=custom.get("unused", ""),
        codes=tuple(_codes(own)),
        reads=sorted(set(_READ.findall(source)) - {f"rules.{name}"}),
        profiles=[
            kind for kind, profile in profiles.items() if name in profile["rules"] or name in profile.get("also", {})
        ],
        schema=schema,
        shipped=_json(policies / f"bundle/placet/rules/{name}/data.json"),
        example=_example(policies, name, schema),
        cases=yaml.safe_load(cases.read_text(encoding="utf-8")) if cases.is_file() else [],
    )


def _codes(own: Sequence[Mapping[str, Any]]) -> Iterator[RuleCode]:
    for entry in sorted(own, key=lambda entry: int(entry["line"])):
        said = entry["annotations"]
        if "code" in said.get("custom", {}):
            yield RuleCode(
                code=said["custom"]["code"],
                effect=entry["path"].split(".")[len(_RULES) + 1],
                title=said["title"],
                description=" ".join(said["description"].split()),
                severity=said["custom"]["severity"],
                remediation=said["custom"]["remediation"],
                owner=said["custom"]["owner"],
            )


def _rule_of(entry: Mapping[str, Any]) -> str:
    """The rule whose package an annotation is in; empty elsewhere."""
    steps = tuple(entry["path"].split("."))
    return steps[len(_RULES)] if steps[: len(_RULES)] == _RULES and len(steps) > len(_RULES) else ""


def _example(policies: Path, name: str, schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if schema is None:
        return None
    if "examples" in schema:
        first: Mapping[str, Any] = schema["examples"][0]
        return first
    file = _DATA / name / "data.json"
    merged = lay_over(read_tree(policies / "bundle"), read_tree(policies / "demo"))
    data: Mapping[str, Any] = json.loads(merged[file])
    return data


def _json(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    document: dict[str, Any] = json.loads(file.read_bytes())
    return document
