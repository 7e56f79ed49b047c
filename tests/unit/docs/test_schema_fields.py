"""A schema is told as its fields, whatever it is made of."""

from scripts.schema_fields import Field, fields

_AMOUNT = {"description": "base units", "type": "string"}


def _field(path: str, value: str, meaning: str = "", *, required: bool = False) -> Field:
    return Field(path=path, value=value, required=required, meaning=meaning)


def test_a_member_says_whether_it_must_be_there() -> None:
    """Required members are told from those that may be left out."""
    schema = {
        "type": "object",
        "required": ["max"],
        "properties": {"max": _AMOUNT, "on": {"type": "boolean"}, "effect": {"enum": ["deny", "hold"]}},
    }

    assert fields(schema) == [
        _field("max", "text", "base units", required=True),
        _field("on", "true or false"),
        _field("effect", "`deny`, `hold`"),
    ]


def test_a_free_name_is_called_by_its_title() -> None:
    """Names that the team chooses stand in angle brackets; a name without a title is `name`."""
    named = {"additionalProperties": _AMOUNT, "propertyNames": {"title": "token", "pattern": "^[A-Z]+$"}}
    patterns = {"patternProperties": {"^[A-Z]+$": {"title": "token", **_AMOUNT}, "^\\*$": _AMOUNT}}

    assert [field.path for field in fields({"properties": {"limits": named}})] == ["limits.<token>"]
    assert [field.path for field in fields({"additionalProperties": _AMOUNT})] == ["<name>"]
    assert [field.path for field in fields(patterns)] == ["<token>", "*"]


def test_a_reference_is_followed_and_its_own_words_come_first() -> None:
    """What `$ref` names is told at the place that refers to it."""
    schema = {
        "properties": {"max": {"$ref": "#/definitions/amount", "description": "wei"}},
        "definitions": {"amount": _AMOUNT},
    }

    assert fields(schema) == [_field("max", "text", "wei")]


def test_no_form_of_several_makes_a_member_necessary() -> None:
    """Each form's members are told once, and none must be there, because another form may be written."""
    forms = [{"required": ["max"], "properties": {"max": _AMOUNT}}, {"properties": {"max": _AMOUNT, "why": _AMOUNT}}]

    assert fields({"oneOf": forms}) == [_field("max", "text", "base units"), _field("why", "text", "base units")]


def test_lists_and_empty_objects_have_words() -> None:
    """A list shows what is in it, and an object without members that it is one."""
    empty = {"type": "object", "additionalProperties": False}
    schema = {"properties": {"nodes": {"type": "array", "items": {"type": "string"}}, "open": empty}}

    assert fields(schema) == [_field("nodes[]", "text"), _field("open", "`{}`")]


def test_what_is_made_of_its_own_kind_is_described_once() -> None:
    """A list of lists without end has one line for its elements' kinds and none for what is inside them."""
    schema = {
        "properties": {"equals": {"description": "exactly this", "$ref": "#/definitions/fact"}},
        "definitions": {
            "fact": {
                "type": ["string", "boolean", "array"],
                "items": {"$ref": "#/definitions/fact"},
                "additionalProperties": {"$ref": "#/definitions/fact"},
            }
        },
    }
    assert fields(schema) == [_field("equals", "text, true or false, list", "exactly this")]
