"""What can be wrong with a setting: a code that stays, the values it is about, and the sentence they make."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Self

SENTENCES: Final[Mapping[str, str]] = {
    "empty": "Must not be empty.",
    "missing": "Must not be missing.",
    "unknown_setting": "There is no such setting.",
    "no_settings": "Must hold settings by name.",
    "other_format": "Must be {format}. Read the programme again and change that.",
    "no_switch": "Must be true or false.",
    "no_text": "Must be text.",
    "no_choice": "Must be one of: {choices}.",
    "no_name": "Must be a name of 1 to {most} characters, without line breaks and without spaces around it.",
    "no_slug": "Must be 1 to 40 lower-case letters, digits, - and _, such as win_back.",
    "not_whole": "Must be a whole number from {least} to {most}.",
    "not_number": "Must be a number from {least} to {most}.",
    "not_decimal": "Must be a number from {least} to {most} with at most {places} decimals.",
    "not_above": "Must be a number above {least}, at most {most}, with at most {places} decimals.",
    "no_day": "Must be a date such as 2026-12-24.",
    "day_out_of_range": "Must be a day from 2000 to 2999.",
    "before_first_day": "Must not be before the first day.",
    "no_list": "Must be a list.",
    "no_ids": "Must be a list of ids.",
    "names_too_many": "Must not name more than {most}.",
    "holds_too_many": "Must not hold more than {most}.",
    "no_status": "Must be a status as WooCommerce calls it, such as completed.",
    "no_statuses": "Must name at least one status, such as completed: otherwise no order would ever count.",
    "no_currency": "Must be a currency's three letters, such as EUR.",
    "no_rates": "Must hold a rate for each currency, such as EUR.",
    "no_country": "“{name}” is not a country's two letters, such as DE.",
    "no_segment": "There is no segment “{name}”. There are: {choices}.",
    "no_tier": "There is no tier “{name}” on the ladder.",
    "name_taken": "Another one is called “{name}” already.",
    "not_in_steps": "Must be a multiple of the step, which is {step} points.",
    "warning_too_long": "Must be shorter than the {months} months after which points expire.",
    "no_tiers": "Must hold at least one tier, which starts at 0.",
    "lowest_not_zero": "The lowest tier must start at 0, so that everybody has a tier.",
    "not_above_lower_tier": "Must be more than {least}, where “{name}” starts.",
    "falls_every_day": "Must be at least 1 (or grace_days) where tiers fall by one step, or every day is a step.",
    "no_discount": "Must be more than 0, or choose free_shipping as the kind.",
    "over_hundred_percent": "Must be at most 100 percent.",
    "nothing_to_scale": "Free shipping has no amount that could follow a customer's value. Leave this out.",
    "less_than_amount": "Must be at least the discount's own amount.",
    "no_deciles": "Must be two numbers from 1 (the lowest) to 10 (the highest), the lower first.",
    "season_without_days": "A season needs its first and its last day.",
    "one_variant": "A test needs at least two variants. Leave them out for no test.",
    "not_four": "Must be four numbers: what it takes to score 2, 3, 4 and 5.",
    "not_rising": "Must be more than {least}, the number before.",
    "not_falling": "Must be less than {most}, the number before.",
    "shares_not_hundred": "The shares of the variants must sum to 100; they sum to {total}.",
}
"""Sentences by code. The plugin has each of them in the owner's language."""
# Enough to mend a document by; what somebody sends should not come back to them as megabytes.
_MOST_MISTAKES: Final = 100
_LONGEST_STEP: Final = 60


class Mistake(str):
    """The sentence for a code with its values; ``code`` and ``values`` say the same to a program.

    Raises KeyError for a code without a sentence, or a value that the sentence misses.
    """

    __slots__ = ("code", "values")

    code: str
    values: Mapping[str, int | str]

    def __new__(cls, code: str, **values: int | str) -> Self:
        """Write the sentence."""
        mistake = super().__new__(cls, SENTENCES[code].format(**values))
        mistake.code = code
        mistake.values = values
        return mistake

    def format(self, *_: object, **__: object) -> Self:
        """Return the mistake as it is: marshmallow wants to fill in the sentences it is given."""
        return self


Mistakes = Iterable[tuple[tuple[str | int, ...], Mistake]]
"""What is wrong between settings that are each right: where, and what."""


def by_path(messages: Any, top: str) -> dict[str, list[str]]:
    """Return what a schema says is wrong with each setting, by its path; ``top`` is the path of the whole.

    A path names the settings from the top, and places in lists from 0: ``ladder.tiers.1.threshold``. The first
    hundred mistakes are told.
    """
    errors: dict[str, list[str]] = {}
    for path, sentence in islice(sorted(_by_path(messages)), _MOST_MISTAKES):
        errors.setdefault(path or top, []).append(sentence)
    return errors


def _by_path(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    if not isinstance(messages, Mapping):
        yield from ((".".join(path), sentence) for sentence in messages)
        return
    for step, inner in messages.items():
        # Names of the tool that checks, not of settings: a currency's own name is in the path already.
        hidden = step == "_schema" or (path[-2:-1] == ("currency_rates",) and step in ("key", "value"))
        yield from _by_path(inner, path if hidden else (*path, str(step)[:_LONGEST_STEP]))


def reasons(sentences: Iterable[Any]) -> list[dict[str, Any]]:
    """Return code and values of each sentence; nothing unless all of them are mistakes."""
    found = list(sentences)
    if not all(isinstance(one, Mistake) for one in found):
        return []
    return [{"code": one.code, "values": dict(one.values)} for one in found]
