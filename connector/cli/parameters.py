"""Kinds of arguments and options that commands share, and what does not go together."""

import re
from collections.abc import Callable
from datetime import date

import click
from click.core import ParameterSource

from connector.domain.asking import wrong_line


class Day(click.ParamType[date]):
    """A day, written as 2026-12-31."""

    name = "date"

    def convert(self, value: date | str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day a person means."""
        if isinstance(value, date):
            return value
        wrong = f"{value!r} is not a day such as 2026-12-31."
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            self.fail(wrong, param, ctx)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(wrong, param, ctx)


def one_line(longest: int) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Return a callback that refuses what cannot stand as somebody's name or reason."""

    def check(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
        if text is not None and (wrong := wrong_line(text, longest)):
            raise click.BadParameter(wrong)
        return text

    return check


def refuse_beside(given: str, *names: str) -> None:
    """Raise UsageError where the command line names one of the parameters, which mean nothing beside ``given``."""
    context = click.get_current_context()
    for parameter in context.command.params:
        if parameter.name in names and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
            word = (
                parameter.opts[0]
                if isinstance(parameter, click.Option)
                else parameter.human_readable_name.strip("[]")
            )
            raise click.UsageError(f"{word} does not go together with {given}.", context)
