"""What is asked for, over HTTP or in a terminal: how it is read, and the sentence that says what is wrong with it."""

from marshmallow import Schema, ValidationError, fields

from connector.domain.programme.offer_schema import AudienceSchema
from connector.domain.programme.values import ALWAYS, matching, part, switch


class Request(Schema):
    """What somebody asks for. A field that is not known is refused, so that none is left out in silence."""

    error_messages = {  # noqa: RUF012 - the base class declares it without ClassVar
        "unknown": "There is no such field.",
        "type": "Must hold fields by name.",
    }


def wrong_line(text: str, longest: int) -> str | None:
    """Return why a text cannot stand as somebody's name or reason, or None where it can."""
    if 1 <= len(text.strip()) <= len(text) <= longest and text.isprintable():
        return None
    return f"Must be 1 to {longest} characters without line breaks."


def line(longest: int, *, required: bool = True) -> fields.String:
    """Return a field for a person's name or reason: words in one line."""

    def readable(text: str) -> None:
        if wrong := wrong_line(text, longest):
            raise ValidationError(wrong)

    said = {**ALWAYS, "invalid": wrong_line("", longest)}
    return fields.String(required=required, validate=readable, error_messages=said)


class IssueSchema(Request):
    """What is handed out to whom. ``occasion`` makes a repetition harmless: it brings nobody a second coupon."""

    occasion = matching(
        r"[a-z0-9][a-z0-9_-]{0,39}", "Must be 1 to 40 lower-case letters, digits, - and _, such as spring-2027.",
        required=True,
    )  # fmt: skip
    reason = line(160)
    preview = switch()
    audience = part(AudienceSchema)
