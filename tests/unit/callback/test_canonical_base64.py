import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_callback.canonical_base64 import NotCanonicalError, decode_padded, decode_url, encode_padded, encode_url


@pytest.mark.parametrize(
    ("text", "data"),
    [("", b""), ("_-8", b"\xff\xef"), ("AA", b"\x00"), ("AAE", b"\x00\x01"), ("AAEC", b"\x00\x01\x02")],
)
def test_canonical_base64url_is_decoded(text: str, data: bytes) -> None:
    """The one unpadded base64url text of some bytes gives these bytes, and back."""
    assert decode_url(text) == data
    assert encode_url(data) == text


@pytest.mark.parametrize(
    "text", ["AA==", "AB", "AAF", "A", "AAAAA", "_+8", "/-8", "A A", "AA\n", "AA.", "ÄÄ", "AA=", "=", "\ud800AAA"]
)
def test_any_other_base64url_text_is_refused(text: str) -> None:
    """Padding, unused bits, impossible lengths and foreign characters are refused."""
    with pytest.raises(NotCanonicalError):
        decode_url(text)


@pytest.mark.parametrize(
    ("text", "data"),
    [("", b""), ("/+8=", b"\xff\xef"), ("AA==", b"\x00"), ("AAE=", b"\x00\x01"), ("AAEC", b"\x00\x01\x02")],
)
def test_canonical_padded_base64_is_decoded(text: str, data: bytes) -> None:
    """The one padded base64 text of some bytes gives these bytes, and back."""
    assert decode_padded(text) == data
    assert encode_padded(data) == text


@pytest.mark.parametrize(
    "text", ["AA", "AAE", "AB==", "AAF=", "_-8=", "AA==\n", " AA==", "AA==AA==", "!!!!", "====", "AAEC=", "ÄAA="]
)
def test_any_other_padded_text_is_refused(text: str) -> None:
    """Missing padding, unused bits, the base64url alphabet, white space and anything after the end are refused."""
    with pytest.raises(NotCanonicalError):
        decode_padded(text)


@given(data=st.binary())
def test_each_form_has_one_text(data: bytes) -> None:
    """Both codecs read back what they write, and write what the standard library writes."""
    assert decode_url(encode_url(data)) == data
    assert decode_padded(encode_padded(data)) == data
    assert encode_padded(data) == base64.standard_b64encode(data).decode()


@given(text=st.text(alphabet="AB+/-_= \n\u00e4"))
def test_a_text_that_decodes_is_the_text_of_its_bytes(text: str) -> None:
    """No two texts give the same bytes."""
    for decode, encode in ((decode_url, encode_url), (decode_padded, encode_padded)):
        try:
            data = decode(text)
        except NotCanonicalError:
            continue
        assert encode(data) == text
