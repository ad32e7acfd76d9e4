"""Meta data: a list of id, key and value, of which an update by key keeps one."""

from typing import Any

from tests.sample_shop.state import State
from tests.sample_shop.wire import Json


def update_meta(state: State, held: list[Json], posted: Any, *, hide_protected: bool = False) -> None:
    """Apply posted ``meta_data`` to what is held, in place.

    With an id that entry is changed, else the first of that key, and others of the key go. A null value deletes.
    Entries without a key are ignored; with ``hide_protected`` so are keys that begin with an underscore.
    """
    for entry in posted if isinstance(posted, list) else []:
        key = entry.get("key") if isinstance(entry, dict) else None
        if key is None or (hide_protected and key.startswith("_")):
            continue
        _put(state, held, str(key), entry.get("value"), entry.get("id"))


def _put(state: State, held: list[Json], key: str, value: Any, meta_id: int | None) -> None:
    matches = [entry for entry in held if (entry["id"] == meta_id if meta_id else entry["key"] == key)]
    for surplus in matches[1:]:
        held.remove(surplus)
    if value is None:
        for entry in matches[:1]:
            held.remove(entry)
    elif matches:
        matches[0].update(key=key, value=_as_stored(value))
    else:
        held.append({"id": state.new_id("meta"), "key": key, "value": _as_stored(value)})


def _as_stored(value: Any) -> Any:
    """Scalars come back from the database as strings; lists and objects as they were."""
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value) if isinstance(value, int | float) else value
