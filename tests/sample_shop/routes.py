"""Which handler answers which address."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sample_shop import about, catalogue, coupons, customers, orders, refunds
from tests.sample_shop.batch import Resource, run_batch
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, Request, Response, RestError

Handler = Callable[..., Response]
_EDITING = ("POST", "PUT", "PATCH")


@dataclass(frozen=True)
class Route:
    """An address as the counters name it, its handlers by method, and whether everybody may read it."""

    name: str
    handlers: dict[str, Handler]
    is_open: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches the path after ``/wp-json``."""
        return re.compile("^" + self.name.replace("<id>", r"(\d+)").replace("<name>", r"([\w-]+)") + "/?$")


def _batch(create: Any, update: Any, delete: Any, present: Any) -> Handler:
    resource = Resource(create, update, delete, present)

    def handle(state: State, request: Request, failing: tuple[int, ...] = ()) -> Response:
        return run_batch(state, resource, request, failing)

    return handle


def _resource(
    name: str, read: Handler, post: Handler, one: tuple[Handler, Handler, Handler], batch: Handler
) -> list[Route]:
    get, put, delete = one
    return [
        Route(f"/wc/v3/{name}", {"GET": read, "POST": post}),
        Route(f"/wc/v3/{name}/<id>", {"GET": get, "DELETE": delete, **dict.fromkeys(_EDITING, put)}),
        Route(f"/wc/v3/{name}/batch", dict.fromkeys(_EDITING, batch)),
    ]


def _namespace(state: State, request: Request) -> Response:
    routes: Json = {route.name: {"methods": sorted(route.handlers)} for route in ROUTES}
    return Response({"namespace": "wc/v3", "routes": routes})


ROUTES: list[Route] = [
    Route("/", {"GET": about.index}, is_open=True),
    Route("/wc/v3", {"GET": _namespace}, is_open=True),
    *_resource(
        "orders",
        orders.list_orders,
        orders.post_order,
        (orders.get_order, orders.put_order, orders.delete_order),
        _batch(orders.create, orders.update, orders.delete_order, orders.present),
    ),
    Route("/wc/v3/orders/<id>/refunds", {"GET": refunds.list_order_refunds, "POST": refunds.post_refund}),
    Route("/wc/v3/orders/<id>/refunds/<id>", {"GET": refunds.get_refund, "DELETE": refunds.delete_refund}),
    Route("/wc/v3/refunds", {"GET": refunds.list_refunds}),
    *_resource(
        "customers",
        customers.list_customers,
        customers.post_customer,
        (customers.get_customer, customers.put_customer, customers.delete_customer),
        _batch(customers.create, customers.update, customers.delete_customer, customers.present),
    ),
    *_resource(
        "coupons",
        coupons.list_coupons,
        coupons.post_coupon,
        (coupons.get_coupon, coupons.put_coupon, coupons.delete_coupon),
        _batch(coupons.create, coupons.update, coupons.delete_coupon, coupons.present),
    ),
    Route("/wc/v3/products", {"GET": catalogue.list_products, "POST": catalogue.post_product}),
    Route("/wc/v3/products/categories", {"GET": catalogue.list_categories, "POST": catalogue.post_category}),
    Route("/wc/v3/data/currencies/current", {"GET": about.current_currency}),
    Route("/wc/v3/system_status", {"GET": about.system_status}),
    Route("/wc/v3/settings/general/<name>", {"GET": about.general_setting}),
]
_PATTERNS = [(route, route.pattern) for route in ROUTES]


def find(method: str, path: str) -> tuple[Route, Handler, list[Any]]:
    """The route, its handler and the ids in the address.

    Raises RestError 404 ``rest_no_route``.
    """
    reading = "GET" if method == "HEAD" else method
    for route, pattern in _PATTERNS:
        match = pattern.match(path or "/")
        if match and reading in route.handlers:
            return route, route.handlers[reading], [int(part) if part.isdigit() else part for part in match.groups()]
    raise RestError("rest_no_route", "No route was found matching the URL and request method.", 404)
