"""Which categories products are in, as rules on categories need it: their own and those above."""

from collections.abc import Iterable, Sequence
from typing import Any

from connector.shop.batches import chunks
from connector.shop.client import Param, ShopClient
from connector.shop.paging import PER_PAGE


def categories(client: ShopClient, wc_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the categories of each of these products, ancestors included.

    A product the store no longer has is not in the answer. One request for a hundred products, and one for each level
    of categories above them. Raises ShopError.
    """
    own: dict[int, frozenset[int]] = {}
    for ids in chunks(sorted(set(wc_ids))):
        for product in _read(client, "products", ids, "id,categories"):
            told = product.get("categories")
            own[product["id"]] = frozenset(_ids(told if isinstance(told, list) else []))
    parents = _parents(client, frozenset().union(*own.values()))
    return {wc_id: _with_ancestors(direct, parents) for wc_id, direct in own.items()}


def _parents(client: ShopClient, category_ids: Iterable[int]) -> dict[int, int]:
    """Return the parent of each of these categories and of all above them; 0 for those at the top."""
    parents: dict[int, int] = {}
    wanted = set(category_ids)
    while wanted:
        parents |= dict.fromkeys(wanted, 0)
        for ids in chunks(sorted(wanted)):
            for category in _read(client, "products/categories", ids, "id,parent"):
                parent = category.get("parent")
                parents[category["id"]] = parent if isinstance(parent, int) else 0
        wanted = {parent for parent in parents.values() if parent} - parents.keys()
    return parents


def _with_ancestors(direct: frozenset[int], parents: dict[int, int]) -> frozenset[int]:
    found = set(direct)
    rising = set(direct)
    while rising:
        rising = {parents[one] for one in rising if parents.get(one)} - found
        found |= rising
    return frozenset(found)


def _read(client: ShopClient, path: str, ids: Sequence[int], fields: str) -> list[dict[str, Any]]:
    params: dict[str, Param] = {"include": ",".join(map(str, ids)), "per_page": PER_PAGE, "_fields": fields}
    found = client.get(path, params).items()
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("id"), int)]


def _ids(entries: Sequence[object]) -> list[int]:
    return [entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), int)]
