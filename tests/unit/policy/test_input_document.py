"""The input document that Rego sees."""

import json
from pathlib import Path

import jsonschema
import pytest
from facts_cases import first_history_of, parsed, registry, sample
from placet_cli.samples import samples
from placet_policy.facts.prove import prove
from placet_policy.input_document import build_input

_SCHEMA = json.loads(
    Path(__file__).parents[3].joinpath("policies/schemas/input.schema.json").read_text(encoding="utf-8")
)


def _document(name: str, extra_text: str | None = None) -> dict[str, object]:
    request_type, detail, extra = sample(name)
    request = parsed(request_type, detail, extra if extra_text is None else extra_text)
    found = prove(request, registry())
    return dict(
        build_input(
            decision_id="d-1",
            unix=1785542460,
            node="alpha",
            key_id="ab",
            request=request,
            facts=found,
            history=first_history_of(request, found),
        )
    )


def test_the_frame() -> None:
    """Schema, decision, node and request stand where the design says."""
    document = _document("keysign_eth_legacy_transfer")
    _, detail, _ = sample("keysign_eth_legacy_transfer")

    assert list(document) == ["schema", "decision", "node", "request", "facts", "history", "contradictions"]
    assert document["schema"] == "placet.input/v1"
    assert document["decision"] == {"id": "d-1", "time": "2026-08-01T00:01:00Z", "unix": 1785542460}
    assert document["node"] == {"name": "alpha", "key_id": "ab"}
    request = document["request"]
    assert isinstance(request, dict)
    assert (request["id"], request["type"], request["detail"]) == ("case-1", "KEY_SIGN", detail)
    assert document["contradictions"] == []


def test_contradictions_stand_beside_the_facts() -> None:
    """Both sides of a contradiction are written canonically."""
    document = _document("a08_amount_mismatch")

    assert document["contradictions"] == [
        {
            "code": "AMOUNT_MISMATCH",
            "path": "extra_info.transaction.destination.account_output.amount",
            "declared": "1000000000000000000",
            "proven": "10000000000000000000",
        }
    ]


def test_the_document_is_plain_json() -> None:
    """Numbers that are no integers become text; integers of any size stay."""
    document = _document("keygen_ed25519", '{"a": [0.10, 1e3], "b": 123456789012345678901234567890}')

    text = json.dumps(document["request"], sort_keys=True)

    assert '"extra": {"a": ["0.10", "1E+3"], "b": 123456789012345678901234567890}' in text


@pytest.mark.parametrize("name", [sample.id for sample in samples() if not sample.is_ping])
def test_every_sample_fits_the_schema_that_rego_is_checked_with(name: str) -> None:
    """Proven, unprovable and contradicted requests all have the shape that the policies are written for."""
    jsonschema.validate(_document(name), _SCHEMA)
