"""What refunds were for. An order lists its refunds with their sums only; the refunds themselves name lines."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connector.shop.batches import chunks
from connector.shop.client import Param, ShopClient
from connector.shop.paging import PER_PAGE

_DETAILS = ("date_created_gmt", "line_items")


def with_refund_details(client: ShopClient, orders: Sequence[Any]) -> list[Any]:
    """Return these wc/v3 orders with each refund's date and lines added, as the plugin delivers them.

    One request for a hundred refunds, none where there are none. A refund that was deleted meanwhile stays as the
    order listed it. What is no order is passed on for whoever reads it to refuse.
    """
    wanted = sorted({refund["id"] for order in orders for refund in _refunds(order)})
    details: dict[int, Mapping[str, Any]] = {}
    for ids in chunks(wanted):
        details |= _details(client, ids)
    return [
        {**order, "refunds": [{**refund, **details.get(refund["id"], {})} for refund in _refunds(order)]}
        if any(_refunds(order))
        else order
        for order in orders
    ]


def _details(client: ShopClient, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    params: dict[str, Param] = {
        "include": ",".join(map(str, ids)),
        "per_page": PER_PAGE,
        "_fields": ",".join(("id", *_DETAILS)),
    }
    found = client.get("refunds", params).items()
    return {
        refund["id"]: {name: refund[name] for name in _DETAILS if name in refund}
        for refund in found
        if isinstance(refund, dict) and isinstance(refund.get("id"), int)
    }


def _refunds(order: object) -> Iterable[Mapping[str, Any]]:
    """Return the refunds an order lists, or none where any of it is not what it should be."""
    refunds = order.get("refunds") if isinstance(order, dict) else None
    if not isinstance(refunds, list):
        return []
    readable = all(isinstance(refund, dict) and isinstance(refund.get("id"), int) for refund in refunds)
    return refunds if readable else []
