"""The programme as the JSON document that is stored and sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError

from connector.domain.programme import Programme
from connector.domain.programme.formats import FORMAT, in_latest_format
from connector.domain.programme.mistakes import Mistake, by_path
from connector.domain.programme.schema import ProgrammeSchema

_SCHEMA: Final = ProgrammeSchema()


class ProgrammeInvalid(Exception):
    """A document is no programme. ``errors`` says what is wrong with each setting, by its path."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        path, sentences = next(iter(errors.items()))
        super().__init__(f"{path}: {sentences[0]}")
        self.errors = errors


def to_document(programme: Programme) -> dict[str, Any]:
    """Return the programme as JSON values in the latest format, without its version (the row carries that)."""
    document: dict[str, Any] = _SCHEMA.dump(programme)
    return {"format": FORMAT, **document}


def from_document(document: Mapping[str, Any], version: int, effective_from: datetime | None = None) -> Programme:
    """Return the programme that a stored document of any format describes.

    Raises ProgrammeInvalid, and ValueError for a format of a later release.
    """
    return replace(_load(in_latest_format(document)), version=version, effective_from=effective_from)


def proposed(document: object) -> Programme:
    """Return the programme that somebody proposes, with defaults for what they leave out. Raises ProgrammeInvalid."""
    if not isinstance(document, dict):
        raise ProgrammeInvalid({"programme": [Mistake("no_settings")]})
    given = {"format": FORMAT, **document}
    if given["format"] is not FORMAT:
        raise ProgrammeInvalid({"format": [Mistake("other_format", format=FORMAT)]})
    return _load(given)


def _load(document: Mapping[str, Any]) -> Programme:
    settings = {name: value for name, value in document.items() if name != "format"}
    try:
        programme: Programme = _SCHEMA.load(settings)
    except ValidationError as error:
        raise ProgrammeInvalid(by_path(error.messages, "programme")) from None
    return programme
