"""Write deploy/k8s/manifests/base and migration from the chart, for those who install with kubectl alone."""

import re
import sys
from collections.abc import Mapping, Sequence

from scripts.chart import read_yaml, render
from scripts.generated import Generated, write_or_check
from scripts.steps import ROOT

MANIFESTS = ROOT / "deploy" / "k8s" / "manifests"
BASE, MIGRATION = MANIFESTS / "base", MANIFESTS / "migration"
_HEAD = "# Generated from deploy/k8s/chart by `make generate`; `make check` proves it fresh.\n"
# What only Helm understands; kustomize sets the namespace.
_HELMS_OWN = re.compile(
    r"^ +(?:app\.kubernetes\.io/managed-by: Helm|helm\.sh/.*|namespace: placet)\n|^ +annotations:\n(?= +helm\.sh/)",
    re.MULTILINE,
)
_BLANK = re.compile(r"^\s*\n", re.MULTILINE)


def generated() -> list[Generated]:
    """Every generated file. A hook of Helm's goes to ``migration``, which is applied and awaited before ``base``."""
    texts = render(read_yaml(MANIFESTS / "values.yaml"), release="placet", namespace="placet")
    texts.pop("NOTES.txt")
    base = {_file(name): text for name, text in texts.items() if "helm.sh/hook:" not in text}
    migration = {_file(name): text for name, text in texts.items() if "helm.sh/hook:" in text}
    return [
        Generated(path=folder / name, text=text)
        for folder, some in ((BASE, base), (MIGRATION, migration))
        for name, text in {**{name: _plain(text) for name, text in some.items()}, **_kustomization(some)}.items()
    ]


def _file(template: str) -> str:
    return template.replace("/", "-")


def _plain(text: str) -> str:
    return _HEAD + _BLANK.sub("", _HELMS_OWN.sub("", text)).strip("\n") + "\n"


def _kustomization(files: Mapping[str, str]) -> dict[str, str]:
    lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "resources:"]
    lines += [f"  - {name}" for name in sorted(files)]
    return {"kustomization.yaml": _HEAD + "\n".join(lines) + "\n"}


def main(argv: Sequence[str]) -> int:
    """Write the manifests, or with ``--check`` compare them; 0 when they are fresh."""
    files = generated()
    status = 0
    for folder in (BASE, MIGRATION):
        mine = [file for file in files if file.path.parent == folder]
        status |= write_or_check(mine, argv, owned=folder)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
