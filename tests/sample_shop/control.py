"""The control API of a shop that runs as its own process: /sample/…, for the demo and for tests."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import requests

from tests.sample_shop.plugin import Delivery, PairingRefused
from tests.sample_shop.wire import Json, Request, Response, RestError, read_request

if TYPE_CHECKING:
    from tests.sample_shop.shop import SampleShop

_ORDER_ACT = re.compile(r"^/sample/orders/(\d+)/(refund|cancel|trash|restore|delete|status)$")
_RECORD = re.compile(r"^/sample/(orders|customers)/(\d+)$")


def respond(shop: "SampleShop", method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
    """Answer a control request: 404 for what there is not, 400 for what cannot be done."""
    try:
        request = read_request(method, target, headers, body)
        return _answer(shop, request)
    except PairingRefused as refused:
        return Response({"error": str(refused), "status": refused.status, "problem": refused.problem}, 502)
    except requests.RequestException as error:
        return Response({"error": f"The connector could not be reached: {type(error).__name__}"}, 502)
    except (KeyError, LookupError) as error:
        return Response({"error": f"There is no {error}."}, 404)
    except (ValueError, TypeError, RestError) as error:
        return Response({"error": str(error)}, 400)


def _answer(shop: "SampleShop", request: Request) -> Response:
    act = _ORDER_ACT.match(request.path)
    if act and request.method == "POST":
        return _act_on_order(shop, int(act[1]), act[2], request.body)
    record = _RECORD.match(request.path)
    if record and request.method == "GET":
        read = shop.order if record[1] == "orders" else shop.customer
        return Response(read(int(record[2])))
    handler = _HANDLERS.get((request.method, request.path))
    if handler is None:
        raise LookupError(f"{request.method} {request.path}")
    return handler(shop, request)


def _told(delivery: Delivery | None) -> Json | None:
    if delivery is None:
        return None
    return {"message_id": delivery.message_id, "status": delivery.status, "answer": delivery.answer}


def _act_on_order(shop: "SampleShop", order_id: int, act: str, body: Json) -> Response:
    if act in {"refund", "status"}:
        changed = getattr(shop, "refund" if act == "refund" else "set_status")(order_id, **body)
    else:
        changed = getattr(shop, act)(order_id)
    return Response({"order": changed, "delivery": _told(shop.last_delivery)})


def _pair(shop: "SampleShop", request: Request) -> Response:
    return Response(shop.pair(request.body["connector_url"], request.body["code"]))


def _place_order(shop: "SampleShop", request: Request) -> Response:
    order = shop.place_order(**request.body)
    return Response({"order": order, "delivery": _told(shop.last_delivery)}, 201)


def _register(shop: "SampleShop", request: Request) -> Response:
    customer = shop.register_customer(**request.body)
    return Response({"customer": customer, "delivery": _told(shop.last_delivery)}, 201)


def _find_customer(shop: "SampleShop", request: Request) -> Response:
    customer = shop.customer_by_email(request.query["email"])
    return Response([customer] if customer else [])


def _find_coupon(shop: "SampleShop", request: Request) -> Response:
    if "code" not in request.query:
        return Response(shop.coupons())
    coupon = shop.coupon(request.query["code"])
    return Response([coupon] if coupon else [])


def _state(shop: "SampleShop", request: Request) -> Response:
    plugin = shop.plugin
    facts: Json = {
        **shop.counts(),
        "paired": plugin.connected,
        "store_id": plugin.store_id,
        "deliveries": plugin.deliveries,
        "pending": len(plugin.pending),
        "requests": dict(shop.requests),
    }
    return Response(facts)


def _switch_deliveries(shop: "SampleShop", request: Request) -> Response:
    wanted: Any = request.body["deliveries"]
    if wanted not in {"on", "off", "held"}:
        raise ValueError("deliveries is on, off or held")
    shop.plugin.deliveries = wanted
    return Response({"deliveries": wanted})


def _send_pending(shop: "SampleShop", request: Request) -> Response:
    return Response([_told(delivery) for delivery in shop.plugin.send_pending()])


def _add_fault(shop: "SampleShop", request: Request) -> Response:
    shop.faults.add(**request.body)
    return Response({"pending": shop.faults.pending()}, 201)


def _clear_faults(shop: "SampleShop", request: Request) -> Response:
    shop.faults.clear()
    return Response({"pending": 0})


def _reset_requests(shop: "SampleShop", request: Request) -> Response:
    shop.reset_requests()
    return Response({})


_HANDLERS: dict[tuple[str, str], Callable[["SampleShop", Request], Response]] = {
    ("POST", "/sample/pair"): _pair,
    ("POST", "/sample/orders"): _place_order,
    ("POST", "/sample/customers"): _register,
    ("GET", "/sample/customers"): _find_customer,
    ("GET", "/sample/coupons"): _find_coupon,
    ("GET", "/sample/state"): _state,
    ("POST", "/sample/deliveries"): _switch_deliveries,
    ("POST", "/sample/deliveries/send"): _send_pending,
    ("POST", "/sample/faults"): _add_fault,
    ("DELETE", "/sample/faults"): _clear_faults,
    ("DELETE", "/sample/requests"): _reset_requests,
}
