"""What the shop says about itself: its index, currency, settings and system status."""

from tests.sample_shop.state import CURRENCIES, WOOCOMMERCE_VERSION, WORDPRESS_VERSION, State
from tests.sample_shop.wire import Request, Response, RestError


def index(state: State, request: Request) -> Response:
    """GET /wp-json/: open to everybody."""
    offset = state.now().astimezone(state.zone).utcoffset()
    return Response(
        {
            "name": "Sample shop",
            "description": "",
            "url": state.url,
            "home": state.url,
            "gmt_offset": offset.total_seconds() / 3600 if offset else 0,
            "timezone_string": str(state.zone),
            "namespaces": ["wp/v2", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1"],
            "authentication": [],
            "routes": {},
        }
    )


def current_currency(state: State, request: Request) -> Response:
    """GET /data/currencies/current."""
    name = CURRENCIES.get(state.currency, (state.currency, ""))[0]
    symbol = "".join(f"&#{ord(letter)};" for letter in state.symbol())
    links = {
        "self": [{"href": state.rest_link(f"data/currencies/{state.currency}")}],
        "collection": [{"href": state.rest_link("data/currencies")}],
    }
    return Response({"code": state.currency, "name": name, "symbol": symbol, "_links": links})


def system_status(state: State, request: Request) -> Response:
    """GET /system_status: the parts the connector may want."""
    return Response(
        {
            "environment": {
                "home_url": state.url,
                "site_url": state.url,
                "version": WOOCOMMERCE_VERSION,
                "wp_version": WORDPRESS_VERSION,
                "wp_multisite": False,
                "php_version": "8.2.28",
                "default_timezone": "UTC",
            },
            "settings": {
                "api_enabled": False,
                "currency": state.currency,
                "currency_symbol": state.symbol(),
                "number_of_decimals": state.decimals,
                "HPOS_enabled": True,
            },
        }
    )


def general_setting(state: State, request: Request, name: str) -> Response:
    """GET /settings/general/<name>: currency and decimals."""
    values = {"woocommerce_currency": state.currency, "woocommerce_price_num_decimals": str(state.decimals)}
    if name not in values:
        raise RestError("rest_setting_setting_invalid", "Invalid setting.", 404)
    return Response({"id": name, "value": values[name], "group_id": "general"})
