"""The kinds of values a merchant sets: how each is read and written, and the sentence that says what is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from marshmallow import Schema, ValidationError, fields, post_load, validate

_NAME: Final = "Must be a name of 1 to {longest} characters, without line breaks and without spaces around it."
_ALWAYS: Final[dict[str, Any]] = {"null": "Must not be empty.", "required": "Must not be missing."}


class Part(Schema):
    """One dataclass of the programme. What a document leaves out takes the dataclass's default."""

    made: ClassVar[type]
    error_messages = {  # noqa: RUF012 - the base class declares it without ClassVar
        "unknown": "There is no such setting.",
        "type": "Must hold settings by name.",
    }

    @post_load
    def _make(self, given: dict[str, Any], **_: Any) -> Any:
        part = self.made(**given)
        mistakes: dict[str, Any] = {}
        for path, sentence in self.mistakes(part):
            _note(mistakes, path, sentence)
        if mistakes:
            raise ValidationError(mistakes)
        return part

    def mistakes(self, part: Any) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """Return what is wrong between settings that are each right, as (path, sentence)."""
        return ()


def _note(mistakes: dict[Any, Any], path: tuple[str | int, ...], sentence: str) -> None:
    for step in path[:-1]:
        mistakes = mistakes.setdefault(step, {})
    mistakes.setdefault(path[-1], []).append(sentence)


class Several(fields.List[Any]):
    """A list that is a tuple in the programme."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class SetOf(fields.List[Any]):
    """A list without order that is a set in the programme."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else super()._serialize(sorted(value), attr, obj, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return frozenset(super()._deserialize(value, attr, data, **kwargs))


def whole(low: int, high: int, *, allow_none: bool = False, required: bool = False) -> fields.Integer:
    """Return a field for a whole number within bounds."""
    sentence = f"Must be a whole number from {low} to {high}."
    return fields.Integer(
        strict=True,
        allow_none=allow_none,
        required=required,
        validate=validate.Range(low, high, error=sentence),
        error_messages={**_ALWAYS, "invalid": sentence, "too_large": sentence},
    )


def number(low: str, high: str, places: int, *, above: bool = False, required: bool = False) -> fields.Decimal:
    """Return a field for an exact decimal within bounds (``above``: without the lower one), written as text."""
    least, most = Decimal(low), Decimal(high)
    lower = f"above {low}, at most {high}," if above else f"from {low} to {high}"
    sentence = f"Must be a number {lower} with at most {places} decimals."

    def within(value: Decimal) -> None:
        exponent = value.as_tuple().exponent
        too_fine = not isinstance(exponent, int) or -exponent > places
        if too_fine or not least <= value <= most or (above and value == least):
            raise ValidationError(sentence)

    return fields.Decimal(
        as_string=True,
        required=required,
        validate=within,
        error_messages={**_ALWAYS, "invalid": sentence, "special": sentence, "too_large": sentence},
    )


def share(high: float) -> fields.Float:
    """Return a field for a number from 0 to ``high`` that only estimates are made with."""
    sentence = f"Must be a number from 0 to {high:g}."
    return fields.Float(
        validate=validate.Range(0, high, error=sentence),
        error_messages={**_ALWAYS, "invalid": sentence, "special": sentence, "too_large": sentence},
    )


def switch() -> fields.Boolean:
    """Return a field for yes or no."""
    said = {**_ALWAYS, "invalid": "Must be true or false."}
    return fields.Boolean(truthy={True}, falsy={False}, error_messages=said)


def choice(options: type[Any], *, required: bool = False) -> fields.Enum[Any]:
    """Return a field for one of an enumeration's values."""
    return fields.Enum(
        options, by_value=True, required=required, error_messages={**_ALWAYS, "unknown": "Must be one of: {choices}."}
    )


def label(longest: int, *, required: bool = True) -> fields.String:
    """Return a field for a name that people read."""
    sentence = _NAME.format(longest=longest)

    def readable(text: str) -> None:
        if not 1 <= len(text) <= longest or text != text.strip() or not text.isprintable():
            raise ValidationError(sentence)

    return fields.String(required=required, validate=readable, error_messages={**_ALWAYS, "invalid": sentence})


def matching(pattern: str, sentence: str, *, required: bool = False) -> fields.String:
    """Return a field for a word of a given form."""
    form = re.compile(pattern, re.ASCII)

    def fits(text: str) -> None:
        if not form.fullmatch(text):
            raise ValidationError(sentence)

    return fields.String(required=required, validate=fits, error_messages={**_ALWAYS, "invalid": sentence})


def one_of(words: Iterable[str], sentence: Callable[[str], str]) -> fields.String:
    """Return a field for a known word."""
    known = frozenset(words)

    def is_known(text: str) -> None:
        if text not in known:
            raise ValidationError(sentence(text[:40]))

    return fields.String(validate=is_known, error_messages={**_ALWAYS, "invalid": "Must be text."})


def day() -> fields.Date:
    """Return a field for a day of the store, or None for none."""
    return fields.Date(
        allow_none=True,
        format="iso",
        validate=validate.Range(date(2000, 1, 1), date(2999, 12, 31), error="Must be a day from 2000 to 2999."),
        error_messages={**_ALWAYS, "invalid": "Must be a date such as 2026-12-24."},
    )


def ids() -> SetOf:
    """Return a field for a set of WooCommerce's ids."""
    return SetOf(
        whole(1, 2**63 - 1),
        validate=validate.Length(max=1_000, error="Must not name more than 1,000."),
        error_messages={**_ALWAYS, "invalid": "Must be a list of ids."},
    )


def set_of(inner: fields.Field[Any], longest: int = 300, *, least: int = 0, sentence: str = "") -> SetOf:
    """Return a field for a set of up to ``longest``; ``sentence`` is what fewer than ``least`` are answered with."""
    checks = [validate.Length(max=longest, error=f"Must not name more than {longest}.")]
    if least:
        checks.append(validate.Length(min=least, error=sentence))
    return SetOf(inner, validate=checks, error_messages={**_ALWAYS, "invalid": "Must be a list."})


def several(inner: fields.Field[Any] | type[Part], longest: int, *, allow_none: bool = False) -> Several:
    """Return a field for a list, in its order, of up to ``longest``."""
    return Several(
        inner if isinstance(inner, fields.Field) else fields.Nested(inner, error_messages=_ALWAYS),
        allow_none=allow_none,
        validate=validate.Length(max=longest, error=f"Must not hold more than {longest}."),
        error_messages={**_ALWAYS, "invalid": "Must be a list."},
    )


def part(schema: type[Part], *, allow_none: bool = False, required: bool = False) -> fields.Nested:
    """Return a field for a part of the programme."""
    return fields.Nested(schema, allow_none=allow_none, required=required, error_messages=_ALWAYS)
