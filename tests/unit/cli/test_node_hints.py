"""What a person can do about a connection that fails."""

import pytest
from placet_cli.node.hints import hint


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006).", "--ca"),
        ("[Errno 111] Connection refused.", "--port"),
        ("[Errno 61] Connection refused.", "--port"),
    ],
)
def test_first_contact_has_a_hint(why: str, said: str) -> None:
    """An authority that is not trusted, and an address at which nobody listens."""
    found = hint(why)
    assert found is not None
    assert said in found


@pytest.mark.parametrize("why", ["", "No answer within 10 s.", "Server disconnected without sending a response."])
def test_other_faults_have_none(why: str) -> None:
    """What Placet does on purpose is not explained away."""
    assert hint(why) is None
