"""What the documents name exists: settings, metrics, files."""

import re
from pathlib import Path

import pytest
from placet_edge.metrics import Metrics as EdgeMetrics
from placet_edge.settings import Settings as EdgeSettings
from placet_policy.metrics import Metrics as PolicyMetrics
from placet_policy.settings import Settings as PolicySettings

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("policies/*.md")])
SETTINGS = {
    *(f"PLACET_EDGE_{name.upper()}" for name in EdgeSettings.model_fields),
    *(f"PLACET_POLICY_{name.upper()}" for name in PolicySettings.model_fields),
    "PLACET_EDGE_CONFIG_FILE",
    "PLACET_POLICY_CONFIG_FILE",
}
EXPORTED = (family for metrics in (EdgeMetrics(), PolicyMetrics()) for family in metrics.registry.collect())
METRICS = {name for family in EXPORTED for name in (family.name, f"{family.name}_total")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_settings_and_metrics_exist(document: Path) -> None:
    """A document names no setting that would stop the start, and no metric that nobody exports."""
    text = document.read_text()

    assert set(re.findall(r"PLACET_(?:EDGE|POLICY)_[A-Z_]*[A-Z]", text)) - SETTINGS == set()
    assert set(re.findall(r"placet_(?:edge|policy)_[a-z_]+_total", text)) - METRICS == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link of a document names a file or folder of the tree."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []
