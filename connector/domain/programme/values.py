"""The kinds of values a merchant sets: how each is read and written, and the sentence that says what is wrong."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from marshmallow import Schema, ValidationError, fields, post_load, validate

from connector.domain.programme.mistakes import Mistake, Mistakes

ALWAYS: Final[dict[str, Any]] = {"null": Mistake("empty"), "required": Mistake("missing")}
"""What every field says of nothing at all."""


class Part(Schema):
    """One dataclass of the programme. What a document leaves out takes the dataclass's default."""

    made: ClassVar[type]
    error_messages = {  # noqa: RUF012 - the base class declares it without ClassVar
        "unknown": Mistake("unknown_setting"),
        "type": Mistake("no_settings"),
    }

    @post_load
    def _make(self, given: dict[str, Any], **_: Any) -> Any:
        part = self.made(**given)
        mistakes: dict[str, Any] = {}
        for path, mistake in self.mistakes(part):
            _note(mistakes, path, mistake)
        if mistakes:
            raise ValidationError(mistakes)
        return part

    def mistakes(self, part: Any) -> Mistakes:
        """Return what is wrong between settings that are each right."""
        return ()


def _note(mistakes: dict[Any, Any], path: tuple[str | int, ...], mistake: Mistake) -> None:
    for step in path[:-1]:
        mistakes = mistakes.setdefault(step, {})
    mistakes.setdefault(path[-1], []).append(mistake)


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
    mistake = Mistake("not_whole", least=low, most=high)
    return fields.Integer(
        strict=True,
        allow_none=allow_none,
        required=required,
        validate=validate.Range(low, high, error=mistake),
        error_messages={**ALWAYS, "invalid": mistake, "too_large": mistake},
    )


def number(low: str, high: str, places: int, *, above: bool = False, required: bool = False) -> fields.Decimal:
    """Return a field for an exact decimal within bounds (``above``: without the lower one), written as text."""
    least, most = Decimal(low), Decimal(high)
    mistake = Mistake("not_above" if above else "not_decimal", least=low, most=high, places=places)

    def within(value: Decimal) -> None:
        exponent = value.as_tuple().exponent
        too_fine = not isinstance(exponent, int) or -exponent > places
        if too_fine or not least <= value <= most or (above and value == least):
            raise ValidationError(mistake)

    return fields.Decimal(
        as_string=True,
        required=required,
        validate=within,
        error_messages={**ALWAYS, "invalid": mistake, "special": mistake, "too_large": mistake},
    )


def share(high: float) -> fields.Float:
    """Return a field for a number from 0 to ``high`` that only estimates are made with."""
    mistake = Mistake("not_number", least=0, most=f"{high:g}")
    return fields.Float(
        validate=validate.Range(0, high, error=mistake),
        error_messages={**ALWAYS, "invalid": mistake, "special": mistake, "too_large": mistake},
    )


def switch() -> fields.Boolean:
    """Return a field for yes or no."""
    said = {**ALWAYS, "invalid": Mistake("no_switch")}
    return fields.Boolean(truthy={True}, falsy={False}, error_messages=said)


def choice(options: type[Any], *, required: bool = False) -> fields.Enum[Any]:
    """Return a field for one of an enumeration's values."""
    mistake = Mistake("no_choice", choices=", ".join(str(one.value) for one in options))
    return fields.Enum(options, by_value=True, required=required, error_messages={**ALWAYS, "unknown": mistake})


def label(longest: int, *, required: bool = True) -> fields.String:
    """Return a field for a name that people read."""
    mistake = Mistake("no_name", most=longest)

    def readable(text: str) -> None:
        if not 1 <= len(text) <= longest or text != text.strip() or not text.isprintable():
            raise ValidationError(mistake)

    return fields.String(required=required, validate=readable, error_messages={**ALWAYS, "invalid": mistake})


def matching(pattern: str, mistake: str, *, required: bool = False) -> fields.String:
    """Return a field for a word of a given form; ``mistake`` is the sentence for any other."""
    form = re.compile(pattern, re.ASCII)

    def fits(text: str) -> None:
        if not form.fullmatch(text):
            raise ValidationError(mistake)

    return fields.String(required=required, validate=fits, error_messages={**ALWAYS, "invalid": mistake})


def one_of(words: Iterable[str], code: str, **values: str) -> fields.String:
    """Return a field for a known word; the mistake gets the unknown one as its ``name``."""
    known = frozenset(words)

    def is_known(text: str) -> None:
        if text not in known:
            raise ValidationError(Mistake(code, name=text[:40], **values))

    return fields.String(validate=is_known, error_messages={**ALWAYS, "invalid": Mistake("no_text")})


def day() -> fields.Date:
    """Return a field for a day of the store, or None for none."""
    return fields.Date(
        allow_none=True,
        format="iso",
        validate=validate.Range(date(2000, 1, 1), date(2999, 12, 31), error=Mistake("day_out_of_range")),
        error_messages={**ALWAYS, "invalid": Mistake("no_day")},
    )


def ids() -> SetOf:
    """Return a field for a set of WooCommerce's ids."""
    return SetOf(
        whole(1, 2**63 - 1),
        validate=validate.Length(max=1_000, error=Mistake("names_too_many", most=1_000)),
        error_messages={**ALWAYS, "invalid": Mistake("no_ids")},
    )


def set_of(inner: fields.Field[Any], longest: int = 300, *, least: int = 0, code: str = "") -> SetOf:
    """Return a field for a set of up to ``longest``; ``code`` is what fewer than ``least`` are answered with."""
    checks = [validate.Length(max=longest, error=Mistake("names_too_many", most=longest))]
    if least:
        checks.append(validate.Length(min=least, error=Mistake(code)))
    return SetOf(inner, validate=checks, error_messages={**ALWAYS, "invalid": Mistake("no_list")})


def several(inner: fields.Field[Any] | type[Part], longest: int, *, allow_none: bool = False) -> Several:
    """Return a field for a list, in its order, of up to ``longest``."""
    return Several(
        inner if isinstance(inner, fields.Field) else fields.Nested(inner, error_messages=ALWAYS),
        allow_none=allow_none,
        validate=validate.Length(max=longest, error=Mistake("holds_too_many", most=longest)),
        error_messages={**ALWAYS, "invalid": Mistake("no_list")},
    )


def four(inner: fields.Field[Any]) -> Several:
    """Return a field for what it takes to score 2, 3, 4 and 5, or None for none."""
    mistake = Mistake("not_four")
    return Several(
        inner,
        allow_none=True,
        validate=validate.Length(equal=4, error=mistake),
        error_messages={**ALWAYS, "invalid": mistake},
    )


def part(schema: type[Part], *, allow_none: bool = False, required: bool = False) -> fields.Nested:
    """Return a field for a part of the programme."""
    return fields.Nested(schema, allow_none=allow_none, required=required, error_messages=ALWAYS)
