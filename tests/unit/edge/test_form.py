"""form.py: exactly one field named TSS_JWT_MSG, percent-decoded as browsers and HTTP clients encode it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placet_edge.errors import FormCode, FormError
from placet_edge.form import parse_form


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b"TSS_JWT_MSG=a.b.c", "a.b.c"),
        (b"TSS_JWT_MSG=", ""),
        (b"TSS_JWT_MSG=+a.b.c++", " a.b.c  "),
        (b"TSS_JWT_MSG= a.b.c", " a.b.c"),
        (b"TSS_JWT_MSG=a%2Eb%2ec", "a.b.c"),
        (b"TSS%5FJWT%5fMSG=a", "a"),
        (b"TSS_JWT_MSG=a=b", "a=b"),
    ],
)
def test_the_value_of_the_one_field_is_taken(body: bytes, token: str) -> None:
    """The value is decoded once and otherwise left alone; whether it is a token is another step's business."""
    assert parse_form(body) == token


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", FormCode.FIELD_MISSING),
        (b"tss_jwt_msg=a", FormCode.FIELD_MISSING),
        (b"a=b&c=d", FormCode.FIELD_MISSING),
        (b"TSS_JWT_MSG=a&TSS_JWT_MSG=a", FormCode.FIELD_REPEATED),
        (b"TSS_JWT_MSG=a&TSS%5FJWT_MSG=b", FormCode.FIELD_REPEATED),
        (b"TSS_JWT_MSG=a&b=c", FormCode.FIELD_UNKNOWN),
        (b"b=c&TSS_JWT_MSG=a", FormCode.FIELD_UNKNOWN),
        (b"TSS_JWT_MSG", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a&", FormCode.NOT_A_FORM),
        (b"&TSS_JWT_MSG=a", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a;b=c", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a%", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a%2", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a%zz", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a%ff", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=a\n", FormCode.NOT_A_FORM),
        (b"TSS_JWT_MSG=\x00", FormCode.NOT_A_FORM),
        (b'{"TSS_JWT_MSG":"a"}', FormCode.NOT_A_FORM),
    ],
)
def test_what_is_not_exactly_that_is_refused(body: bytes, code: FormCode) -> None:
    """Each broken rule has its own code."""
    with pytest.raises(FormError) as caught:
        parse_form(body)
    assert caught.value.code == code


@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_a_form_error(body: bytes) -> None:
    """Nothing that a client can send makes the parser fail in another way, or gives text beyond ASCII."""
    with suppress(FormError):
        assert parse_form(b"TSS_JWT_MSG=" + body).isascii()
