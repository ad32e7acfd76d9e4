"""The programme as the JSON document that is stored and sent."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from marshmallow import ValidationError

from connector.domain.programme import Programme
from connector.domain.programme.formats import FORMAT, in_latest_format
from connector.domain.programme.mistakes import Mistake
from connector.domain.programme.schema import ProgrammeSchema

_SCHEMA: Final = ProgrammeSchema()
# Enough to mend a document by; what somebody sends should not come back to them as megabytes.
_MOST_MISTAKES: Final = 100
_LONGEST_STEP: Final = 60


class ProgrammeInvalid(Exception):
    """A document is no programme. ``errors`` says what is wrong with each setting, by its path.

    A path names the settings from the top, and places in lists from 0: ``ladder.tiers.1.threshold``.
    """

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
        errors: dict[str, list[str]] = {}
        for path, sentence in islice(sorted(_by_path(error.messages)), _MOST_MISTAKES):
            errors.setdefault(path, []).append(sentence)
        raise ProgrammeInvalid(errors) from None
    return programme


def _by_path(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    if not isinstance(messages, Mapping):
        yield from ((".".join(path) or "programme", sentence) for sentence in messages)
        return
    for step, inner in messages.items():
        # Names of the tool that checks, not of settings: a currency's own name is in the path already.
        hidden = step == "_schema" or (path[-2:-1] == ("currency_rates",) and step in ("key", "value"))
        yield from _by_path(inner, path if hidden else (*path, str(step)[:_LONGEST_STEP]))
