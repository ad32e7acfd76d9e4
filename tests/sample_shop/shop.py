"""The sample shop: its records behind a socket."""

import secrets
import threading
from collections import Counter, deque
from datetime import UTC, date
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tests.sample_shop import control, customers, orders, routes, seed
from tests.sample_shop.auth import ApiKey, authenticate
from tests.sample_shop.coupon_use import coupon_by_code
from tests.sample_shop.faults import Fault, Faults
from tests.sample_shop.paging import only_fields
from tests.sample_shop.server import BrokenOffError, ShopServer
from tests.sample_shop.state import Clock, State, utc_now
from tests.sample_shop.till import Till
from tests.sample_shop.wire import Json, Request, Response, RestError, copied, read_request

_PREFIX = "/wp-json"
_REFUSALS = {
    "GET": ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."),
    "POST": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "PUT": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "DELETE": ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
}
_LISTING = ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
_BATCHING = ("woocommerce_rest_cannot_batch", "Sorry, you are not allowed to batch manipulate this resource.")


class SampleShop(Till):
    """A shop on loopback, empty unless ``filled``; a context manager that starts and closes it.

    ``clock`` answers an aware datetime and dates what happens, deliveries too; ``request_clock`` judges the time
    stamps of signed requests, which clients take from the real clock. ``allow_basic`` lets Basic credentials through
    as https would. ``administrator`` adds user 1, who is no customer.
    """

    def __init__(
        self,
        *,
        timezone: str = "America/New_York",
        currency: str = "USD",
        decimals: int = 2,
        clock: Clock = utc_now,
        request_clock: Clock = utc_now,
        port: int = 0,
        administrator: bool = False,
        allow_basic: bool = False,
        permissions: str = "read_write",
    ) -> None:
        super().__init__(State(ZoneInfo(timezone), currency, decimals, clock))
        self.timezone, self.currency = timezone, currency
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.last_requests: deque[tuple[str, str, Json, Json | None, int]] = deque(maxlen=200)
        self._key = ApiKey(f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}", permissions)
        self._allow_basic = allow_basic
        self._request_clock = request_clock
        self._port = port
        self._server: ShopServer | None = None
        if administrator:
            owner = customers.skeleton(self._state, 1, "owner@example.com", "owner", "administrator")
            self._state.customers[1] = owner

    @classmethod
    def filled(cls, today: date | None = None, customers: int | None = None, **options: Any) -> Self:
        """A shop with CDNOW's purchases, the last of them the day before ``today`` in the shop's zone.

        ``customers`` takes only so many of the 2,357. Options as for an empty shop.
        """
        shop = cls(**options)
        seed.fill(shop._state, today or shop._state.now().astimezone(shop._state.zone).date(), customers)
        return shop

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Take requests; after ``close`` again on the same port."""
        self._server = ShopServer(self._port, self)
        self._state.url = f"http://127.0.0.1:{self._server.server_port}"
        self._port = self._server.server_port
        for order in self._state.orders.values():
            if order["payment_url"].startswith("/"):
                order["payment_url"] = self._state.url + order["payment_url"]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()

    def close(self) -> None:
        """Take no more requests and let go of all that waits."""
        self.faults.clear()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.plugin.close()

    @property
    def url(self) -> str:
        """The shop's address, without a slash at its end."""
        return self._state.url

    @property
    def rest_url(self) -> str:
        """Where its REST API begins, with a slash at its end."""
        return f"{self._state.url}{_PREFIX}/"

    @property
    def consumer_key(self) -> str:
        """The public half of its REST key."""
        return self._key.consumer_key

    @property
    def consumer_secret(self) -> str:
        """The secret half of its REST key."""
        return self._key.consumer_secret

    def pair(self, connector_url: str, code: str) -> Json:
        """Connect to a connector with a pairing code. Raises PairingRefused."""
        return self.plugin.pair(connector_url, code, self.consumer_key, self.consumer_secret)

    def order(self, order_id: int) -> Json:
        """A copy of an order. Raises KeyError."""
        with self._lock:
            return copied(self._state.orders[order_id])

    def customer(self, customer_id: int) -> Json:
        """A copy of a customer. Raises KeyError."""
        with self._lock:
            return copied(self._state.customers[customer_id])

    def customer_by_email(self, email: str) -> Json | None:
        """A copy of the customer with that account address."""
        with self._lock:
            found = (held for held in self._state.customers.values() if held["email"].lower() == email.lower())
            return copied(next(found, None))

    def meta(self, customer_id: int) -> dict[str, Any]:
        """A customer's meta data by key."""
        return {entry["key"]: entry["value"] for entry in self.customer(customer_id)["meta_data"]}

    def coupon(self, code: str) -> Json | None:
        """A copy of the published coupon of that code."""
        with self._lock:
            return copied(coupon_by_code(self._state, code))

    def orders(self) -> list[Json]:
        """Copies of all orders, trashed ones too, oldest first."""
        with self._lock:
            return copied(
                sorted(self._state.orders.values(), key=lambda order: (order["date_created_gmt"], order["id"]))
            )

    def customers(self) -> list[Json]:
        """Copies of all customers, by id."""
        with self._lock:
            return copied(sorted(self._state.customers.values(), key=lambda customer: customer["id"]))

    def coupons(self) -> list[Json]:
        """Copies of all coupons, by id."""
        with self._lock:
            return copied(sorted(self._state.coupons.values(), key=lambda coupon: coupon["id"]))

    def counts(self) -> dict[str, int]:
        """How many customers, orders and coupons there are."""
        state = self._state
        return {"customers": len(state.customers), "orders": len(state.orders), "coupons": len(state.coupons)}

    def last_order_date(self) -> str | None:
        """When the newest order was placed, in the shop's own time."""
        return max((order["date_created"] for order in self._state.orders.values()), default=None)

    def reset_requests(self) -> None:
        """Count from zero again."""
        self.requests.clear()
        self.last_requests.clear()

    def http_date(self) -> str:
        """The shop's clock as a Date header."""
        return format_datetime(self._state.clock().astimezone(UTC), usegmt=True)

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        """Answer a raw request; server calls this. Raises BrokenOffError to close without an answer."""
        path = urlsplit(target).path
        if path.startswith("/sample/"):
            return control.respond(self, method, target, headers, body)
        if not path.startswith(_PREFIX):
            return Response(
                status=404, headers={"Content-Type": "text/html"}, raw=b"<!DOCTYPE html><p>Not found.</p>"
            )
        name = _route_name(method, path.removeprefix(_PREFIX))
        fault = self.faults.take(method, name, target, body)
        response, request = self._faulty(fault, method, target, headers, body)
        with self._lock:
            self.requests[f"{method} {name}"] += 1
            self.last_requests.append((method, name, request.query, request.body or None, response.status))
        if fault is not None and fault.kind in {"stall", "drop", "drop_after_commit"}:
            if fault.kind == "stall":
                self.faults.stall()
            raise BrokenOffError
        return response

    def _faulty(
        self, fault: Fault | None, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[Response, Request]:
        kind = fault.kind if fault else ""
        try:
            request = read_request(method, target, headers, body)
        except RestError as error:
            return Response(error.body(), error.status), Request(method, target, {}, headers, {})
        if fault is not None and kind in {"status", "html", "redirect", "empty"}:
            if fault.options.get("after_commit"):
                self._handle(request, ())
            return fault.answer(self._state.clock(), self.url, request.path), request
        if kind in {"stall", "drop"}:
            return Response(), request
        failing = tuple(fault.options.get("items", (0,))) if fault and kind == "partial_batch" else ()
        response = self._handle(request, failing)
        if kind == "not_json":
            response.raw = b"<br />\n<b>Warning</b>:  Undefined array key in theme.php\n" + response.payload()
        return response, request

    def _handle(self, request: Request, failing: tuple[int, ...]) -> Response:
        with self._lock:
            try:
                known = authenticate(request, self._key, self.url, self._request_clock(), basic=self._allow_basic)
                route, handler, ids = routes.find(request.method, request.path.removeprefix(_PREFIX))
                if not (known or route.is_open):
                    raise _refusal(request.method, route.name)
                response = handler(self._state, request, *ids, **({"failing": failing} if failing else {}))
                self._notice_writes(request.method, route.name, response.body)
            except RestError as error:
                response = Response(error.body(), error.status)
            else:
                if request.query.get("_fields"):
                    response.body = _chosen(route.name, response.body, request.query["_fields"])
            response.headers.setdefault("Link", f'<{self.rest_url}>; rel="https://api.w.org/"')
            response.raw = response.payload()
            return response

    def _notice_writes(self, method: str, name: str, body: Any) -> None:
        kind = next((kind for kind in ("order", "customer") if name.startswith(f"/wc/v3/{kind}s")), None)
        if method in {"GET", "HEAD"} or kind is None or not isinstance(body, dict):
            return
        items = [body] if "id" in body else [item for items in body.values() for item in items if "error" not in item]
        for item in items:
            self.plugin.notice_rest_write(kind, item["id"])


def _chosen(name: str, body: Any, fields: str) -> Any:
    """What ``_fields`` leaves; a single record keeps its links, and orders do not let it reach into their lists."""
    whole = orders.LISTS if name in {"/wc/v3/orders", "/wc/v3/orders/<id>"} else ()
    wanted = [
        field for field in map(str.strip, fields.split(",")) if field.partition(".")[0] not in whole or field in whole
    ]
    kept = only_fields(body, wanted)
    return {**kept, "_links": body["_links"]} if "_links" in body else kept


def _route_name(method: str, path: str) -> str:
    try:
        return routes.find(method, path)[0].name
    except RestError:
        return path


def _refusal(method: str, name: str) -> RestError:
    if name.endswith("/batch"):
        code, sentence = _BATCHING
    elif method == "GET" and not name.endswith("<id>"):
        code, sentence = _LISTING
    else:
        code, sentence = _REFUSALS.get(method, _REFUSALS["PUT"])
    return RestError(code, sentence, 401)
