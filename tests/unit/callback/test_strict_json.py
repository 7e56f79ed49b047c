from decimal import Context, Decimal, localcontext

import pytest
from placet_callback.strict_json import JSONValue, StrictJsonError, loads, shown_name

REFUSED = {
    "empty": (b"", "NOT_JSON", "$"),
    "two values": (b"{} {}", "NOT_JSON", "$"),
    "trailing comma": (b'{"a":1,}', "NOT_JSON", "$"),
    "single quotes": (b"{'a':1}", "NOT_JSON", "$"),
    "comment": (b"{} // no", "NOT_JSON", "$"),
    "unfinished string": (b'{"a":"b', "NOT_JSON", "$"),
    "unfinished escape": (b'{"a":"b\\', "NOT_JSON", "$"),
    "control character in a string": (b'"a\nb"', "NOT_JSON", "$"),
    "leading zero": (b"01", "NOT_JSON", "$"),
    "plus sign": (b"+1", "NOT_JSON", "$"),
    "fullwidth digit": ("\uff11".encode(), "NOT_JSON", "$"),
    "NaN": (b'{"a":NaN}', "NOT_JSON", "$"),
    "Infinity": (b"[Infinity]", "NOT_JSON", "$"),
    "-Infinity": (b"-Infinity", "NOT_JSON", "$"),
    "invalid UTF-8": (b'"\xff"', "NOT_UTF8", "$"),
    "overlong UTF-8": (b'"\xc0\xaf"', "NOT_UTF8", "$"),
    "surrogate as UTF-8": (b'"\xed\xa0\x80"', "NOT_UTF8", "$"),
    "UTF-16": ('{"a":1}'.encode("utf-16-le"), "NOT_JSON", "$"),
    "byte order mark": (b"\xef\xbb\xbf{}", "BYTE_ORDER_MARK", "$"),
    "lone surrogate": (b'{"a":["\\ud800"]}', "LONE_SURROGATE", "$.a[0]"),
    "lone surrogate in a name": (b'{"\\udfff":1}', "LONE_SURROGATE", "$.?"),
    "duplicate": (b'{"a":1,"a":1}', "DUPLICATE_NAME", "$.a"),
    "duplicate through an escape": (b'{"a":1,"\\u0061":2}', "DUPLICATE_NAME", "$.a"),
    "duplicate deep inside": (b'{"x":[0,{"y":{"a":1,"a":2}}]}', "DUPLICATE_NAME", "$.x[1].y.a"),
    "case": (b'{"alg":1,"ALG":2}', "CASE_FOLDED_NAME", "$.ALG"),
    "case folding beyond lower case": ('{"ss":1,"\u00df":2}'.encode(), "CASE_FOLDED_NAME", "$.?"),
    "long s": ('{"status":1,"\u017ftatus":2}'.encode(), "CASE_FOLDED_NAME", "$.?"),
    "integer of 101 digits": (b"1" * 101, "NUMBER_OUT_OF_BOUNDS", "$"),
    "decimal of 101 characters": (b"0." + b"1" * 99, "NUMBER_OUT_OF_BOUNDS", "$"),
    "exponent of 401": (b"1e401", "NUMBER_OUT_OF_BOUNDS", "$"),
    "exponent of -401": (b"1e-401", "NUMBER_OUT_OF_BOUNDS", "$"),
    "exponent beyond any decimal": (b"1e99999999999999999999", "NUMBER_OUT_OF_BOUNDS", "$"),
    "too deep": (b"[[[[]]]]", "TOO_DEEP", "$"),
    "very deep": (b'{"a":' * 32_000, "TOO_DEEP", "$"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_text_that_is_not_strict_is_refused(name: str) -> None:
    """Each way in which two parsers may disagree, or one may break, has its reason and its place."""
    data, reason, path = REFUSED[name]
    depth = 3 if name == "too deep" else 32
    with pytest.raises(StrictJsonError) as refused:
        loads(data, max_bytes=1_000_000, max_depth=depth)
    assert (refused.value.reason, refused.value.path) == (reason, path)


ACCEPTED: dict[str, tuple[bytes, JSONValue]] = {
    "integer": (b"115792089237316195423570985008687907853269984665640564039457584007913129639935", 2**256 - 1),
    "integer of 100 digits": (b"9" * 100, 10**100 - 1),
    "negative integer of 100 digits": (b"-" + b"9" * 100, 1 - 10**100),
    "minus zero": (b"-0", 0),
    "decimal": (b"10.000", Decimal("10.000")),
    "exponent": (b"1E400", Decimal("1E+400")),
    "white space": (b' \t\r\n{ "a" : [ true , false , null ] } ', {"a": [True, False, None]}),
    "surrogate pair": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "brackets in strings": (b'["[[[[[[", "}}}}\\"]]"]', ["[[[[[[", '}}}}"]]']),
    "empty name": (b'{"":{}}', {"": {}}),
    "same name in different objects": (b'{"a":{"a":1},"b":{"a":2}}', {"a": {"a": 1}, "b": {"a": 2}}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_strict_text_is_read(name: str) -> None:
    """A text with one meaning is read, without losing a digit."""
    data, value = ACCEPTED[name]
    assert loads(data, max_bytes=1000) == value


def test_the_callers_decimal_context_changes_nothing() -> None:
    """A thread that lets decimals overflow into NaN still gets a refusal, and no digit is rounded away."""
    with localcontext(Context(prec=3, traps=[])):
        with pytest.raises(StrictJsonError) as refused:
            loads(b"1e99999999999999999999", max_bytes=100)
        assert refused.value.reason == "NUMBER_OUT_OF_BOUNDS"
        assert str(loads(b"1.23456789", max_bytes=100)) == "1.23456789"


def test_a_text_is_read_as_its_bytes_are() -> None:
    """A str and its UTF-8 bytes give the same value."""
    assert loads('{"a":"ä"}', max_bytes=20) == loads('{"a":"ä"}'.encode(), max_bytes=20) == {"a": "ä"}


def test_a_number_with_a_point_is_never_an_integer() -> None:
    """2.0 stays a Decimal, so that a check for an integer can refuse it."""
    assert isinstance(loads(b"2.0", max_bytes=10), Decimal)


@pytest.mark.parametrize("data", [b'"abc"', '"abc"', '"\u00e4\u00e4"'.encode(), '"\u00e4"'])
def test_the_limit_counts_bytes(data: bytes | str) -> None:
    """A text as long as the limit is read, one byte more is not, whether bytes or str are given."""
    size = len(data if isinstance(data, bytes) else data.encode())
    assert loads(data, max_bytes=size) is not None
    with pytest.raises(StrictJsonError) as refused:
        loads(data, max_bytes=size - 1)
    assert refused.value.reason == "TOO_LARGE"


def test_a_str_with_a_surrogate_is_refused() -> None:
    """A str that has no UTF-8 form is refused instead of raising something else."""
    with pytest.raises(StrictJsonError) as refused:
        loads('"\ud800"', max_bytes=100)
    assert refused.value.reason == "NOT_UTF8"


def test_depth_is_counted_inclusively() -> None:
    """Three levels pass a limit of three, and a scalar needs no level."""
    assert loads(b'[{"a":[]}]', max_bytes=100, max_depth=3) == [{"a": []}]
    assert loads(b"1", max_bytes=100, max_depth=0) == 1


_FULL = [
    "[" + "0," * 32_766 + "0]",
    "[" + '"",' * 32_766 + '""]',
    "[[" + "{}," * 16_382 + "{}]]",
    '{"a":[' + "[]," * 16_382 + "[]]}",
    "{" + ",".join(f'"{number}":""' for number in range(32_767)) + "}",
    '["' + ",[{" * 1_000 + '"]',
]


@pytest.mark.parametrize("text", _FULL, ids=["numbers", "texts", "objects", "lists", "members", "inside a text"])
def test_values_are_counted_inclusively(text: str) -> None:
    """32,768 values of any kind are read, arrays and objects counted twice; what stands inside a text is none."""
    assert loads(text, max_bytes=1_000_000)


@pytest.mark.parametrize("text", _FULL[:5], ids=["numbers", "texts", "objects", "lists", "members"])
def test_one_value_more_is_refused(text: str) -> None:
    """The number of values is bounded, whatever they are, and a text of our own is not."""
    longer = text[:-1] + (',"more":0}' if text.endswith("}") else ",0]")
    with pytest.raises(StrictJsonError) as refused:
        loads(longer, max_bytes=1_000_000)
    assert refused.value.reason == "TOO_MANY_VALUES"
    assert loads(longer, max_bytes=1_000_000, max_values=None)


@pytest.mark.parametrize("max_values", [None, 1, 32_768])
def test_nothing_is_no_json(max_values: int | None) -> None:
    """An empty text has no value, however many it may have."""
    with pytest.raises(StrictJsonError) as refused:
        loads("", max_bytes=1000, max_values=max_values)
    assert refused.value.reason == "NOT_JSON"


def test_brackets_that_close_give_their_depth_back() -> None:
    """Siblings do not add up to depth."""
    assert loads(b"[[],[],[],[]]", max_bytes=100, max_depth=2) == [[], [], [], []]


def test_names_may_differ_in_case_inside_free_form_parts() -> None:
    """Inside a free-form member, at any depth, names equal under case folding are the sender's business."""
    data = b'{"structured_data":{"types":{"Mail":1,"mail":[{"A":1,"a":2}]}}}'
    value = {"structured_data": {"types": {"Mail": 1, "mail": [{"A": 1, "a": 2}]}}}
    assert loads(data, max_bytes=1000, free_form=["structured_data"]) == value


@pytest.mark.parametrize(
    ("data", "reason", "path"),
    [
        (b'{"free":{"a":1,"a":2}}', "DUPLICATE_NAME", "$.free.a"),
        (b'{"free":{"a":1,"A":2},"b":1,"B":2}', "CASE_FOLDED_NAME", "$.B"),
        (b'{"free":1,"FREE":2}', "CASE_FOLDED_NAME", "$.FREE"),
        (b'{"Free":{"a":1,"A":2}}', "CASE_FOLDED_NAME", "$.Free.A"),
    ],
)
def test_free_form_parts_loosen_nothing_else(data: bytes, reason: str, path: str) -> None:
    """Exact duplicates inside, and everything outside or under another spelling of the name, stay refused."""
    with pytest.raises(StrictJsonError) as refused:
        loads(data, max_bytes=1000, free_form=["free"])
    assert (refused.value.reason, refused.value.path) == (reason, path)


# Quadratic time would be hours, and linear time is no minute on a loaded machine.
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data",
    [
        '"' + '\\"' * 500_000,
        '\\"' * 500_000,
        '"' * 1_000_000,
        '""' * 500_000,
        "]" * 1_000_000,
        "[" + "0," * 499_999 + "0]",
    ],
)
def test_a_megabyte_of_anything_takes_linear_time(data: str) -> None:
    """Unfinished strings and endless lists of a megabyte are done with in seconds, not hours."""
    try:
        assert loads(data, max_bytes=1_000_001, max_values=None) == [0] * 500_000
    except StrictJsonError as refused:
        assert refused.reason == "NOT_JSON"  # noqa: PT017 - one of the texts is legal


@pytest.mark.parametrize(
    ("name", "shown"), [("request_id", "request_id"), ("a\nb", "?"), ("ä", "?"), ("", "?"), ("a" * 65, "?")]
)
def test_only_plain_names_are_shown(name: str, shown: str) -> None:
    """A name that could disturb a log is shown as a question mark."""
    assert shown_name(name) == shown
