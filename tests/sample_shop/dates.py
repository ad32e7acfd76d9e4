"""Times as WooCommerce writes and reads them: each twice, in the shop's zone and in GMT, without an offset."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.sample_shop.wire import Json

_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}(?::\d{2})?)?$")


def stamp(record: Json, names: str, moment: datetime | None, zone: ZoneInfo) -> None:
    """Set each of the names (local) and its ``…_gmt`` in a record; several names are separated by spaces."""
    local = _plain(moment.astimezone(zone)) if moment else None
    gmt = _plain(moment.astimezone(UTC)) if moment else None
    for name in names.split():
        record[name] = local
        record[f"{name}_gmt"] = gmt


def _plain(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")[:19]


def is_iso_date(text: str) -> bool:
    """Whether WordPress takes the text for a date-time."""
    return _ISO.match(text) is not None


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """A date-time text as a moment; without an offset it is the shop's own time.

    Raises ValueError if it is no date.
    """
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)


def bound_in_gmt(text: str, zone: ZoneInfo, *, given_in_gmt: bool) -> str:
    """A bound of a date filter, comparable with a ``…_gmt`` field.

    WordPress turns a bound with an offset (a Z too) into the site's own time, also where the caller said that
    dates are GMT, and compares that wall clock with the GMT column: a Z and ``dates_are_gmt`` do not go together.
    """
    parsed = datetime.fromisoformat(text)
    if given_in_gmt:
        return _plain(parsed.astimezone(zone) if parsed.tzinfo else parsed)
    return _plain(moment_of(text, zone))
