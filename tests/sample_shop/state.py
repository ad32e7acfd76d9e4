"""What the sample shop knows: its settings and its records, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.sample_shop.wire import Json

Clock = Callable[[], datetime]

CURRENCIES = {
    "USD": ("United States (US) dollar", "$"),
    "EUR": ("Euro", "€"),
    "GBP": ("Pound sterling", "£"),
    "HKD": ("Hong Kong dollar", "$"),
    "JPY": ("Japanese yen", "¥"),
    "KWD": ("Kuwaiti dinar", "د.ك"),
    "TWD": ("New Taiwan dollar", "NT$"),
}
WOOCOMMERCE_VERSION = "10.9.1"
WORDPRESS_VERSION = "7.1"


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass
class State:
    """Records are wc/v3 representations without ``_links``, by id. Orders and coupons share ids, as posts do."""

    zone: ZoneInfo
    currency: str = "USD"
    decimals: int = 2
    clock: Clock = utc_now
    url: str = ""
    orders: dict[int, Json] = field(default_factory=dict)
    refunds: dict[int, Json] = field(default_factory=dict)
    customers: dict[int, Json] = field(default_factory=dict)
    coupons: dict[int, Json] = field(default_factory=dict)
    products: dict[int, Json] = field(default_factory=dict)
    categories: dict[int, Json] = field(default_factory=dict)
    status_before_trash: dict[int, str] = field(default_factory=dict)
    reviews: dict[int, Json] = field(default_factory=dict)
    has_plugin: bool = False
    counted_coupons: set[int] = field(default_factory=set)
    _next: dict[str, int] = field(
        default_factory=lambda: {"post": 11, "user": 2, "meta": 101, "item": 1, "term": 15, "comment": 1}
    )

    def new_id(self, kind: str) -> int:
        """The next id of ``post``, ``user``, ``meta``, ``item``, ``term`` or ``comment``."""
        number = self._next[kind]
        self._next[kind] = number + 1
        return number

    def money(self, amount: Any) -> str:
        """An amount as the decimal string WooCommerce answers with, in the shop's number of decimals."""
        return str(Decimal(str(amount or "0")).quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP))

    def symbol(self) -> str:
        """The currency's symbol."""
        return CURRENCIES.get(self.currency, ("", self.currency))[1]

    def rest_link(self, path: str) -> str:
        """The address of a wc/v3 resource."""
        return f"{self.url}/wp-json/wc/v3/{path}"

    def now(self) -> datetime:
        """The shop's clock, to the second, as its tables keep it."""
        return self.clock().astimezone(UTC).replace(microsecond=0)
