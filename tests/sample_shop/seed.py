"""Fill a shop with the CDNOW sample: real purchases, made-up people.

One registered customer for each of CDNOW's 2,357, none of them a guest. The days are moved so that the last
purchase was yesterday in the shop's own zone; the hour of a purchase is made up, always the same for the same row.
A row becomes one order with one line: so many CDs for that amount. Orders of the last three days are still
processing, older ones completed.
"""

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.sample_shop import catalogue, customers, orders
from tests.sample_shop.dates import stamp
from tests.sample_shop.order_status import refresh
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json

CDNOW = Path(__file__).parent.parent / "data" / "cdnow_sample.csv"
_STILL_PROCESSING = timedelta(days=3)


class Purchase(NamedTuple):
    """One row of CDNOW, moved: ``moment`` in UTC, ``amount`` in dollars."""

    person: str
    moment: datetime
    quantity: int
    amount: Decimal


def fill(state: State, today: date, people: int | None = None) -> None:
    """Register CDNOW's customers (the first ``people`` of them) and place their orders, oldest first."""
    purchases = sorted(_purchases(state, today, people), key=lambda purchase: (purchase.moment, purchase.person))
    product = catalogue.add_product(state, "Compact disc", "14.95")
    ids: dict[str, int] = {}
    for person in sorted({purchase.person for purchase in purchases}):
        ids[person] = state.new_id("user")
    for purchase in purchases:
        customer_id = ids[purchase.person]
        if customer_id not in state.customers:
            state.customers[customer_id] = _customer(state, customer_id, purchase)
        order = _order(state, state.customers[customer_id], product, purchase, today)
        state.orders[order["id"]] = order


@cache
def _rows() -> list[tuple[str, date, int, Decimal]]:
    """CDNOW's rows: who bought, on which day, how many, for how much."""
    with CDNOW.open(newline="", encoding="ascii") as file:
        return [
            (row["customer_id"], date.fromisoformat(row["date"]), int(row["quantity"]), Decimal(row["amount"]))
            for row in csv.DictReader(file)
        ]


def _purchases(state: State, today: date, people: int | None) -> list[Purchase]:
    rows = _rows()
    shift = today - timedelta(days=1) - max(day for _, day, _, _ in rows)
    return [
        Purchase(person, _moment(state, day + shift, number), quantity, amount)
        for number, (person, day, quantity, amount) in enumerate(rows)
        if people is None or int(person) <= people
    ]


def _moment(state: State, day: date, number: int) -> datetime:
    """A time between 9 and 21 o'clock, spread by the row's number."""
    second = number * 7919 % (12 * 3600)
    opening = datetime.combine(day, time(9), state.zone)
    return (opening + timedelta(seconds=second)).astimezone(UTC)


def _customer(state: State, customer_id: int, first: Purchase) -> Json:
    email = f"customer{first.person}@example.com"
    customer = customers.skeleton(state, customer_id, email, f"customer{first.person}")
    names = {"first_name": "Customer", "last_name": first.person}
    address = {"address_1": f"{int(first.person)} Example Street", "city": "Sampleton", "state": "NY"}
    place = names | address | {"postcode": "10001", "country": "US"}
    customer.update(names, is_paying_customer=True)
    customer["billing"].update(place, email=email)
    customer["shipping"].update(place)
    stamp(customer, "date_created date_modified", first.moment - timedelta(minutes=10), state.zone)
    return customer


def _order(state: State, customer: Json, product: Json, purchase: Purchase, today: date) -> Json:
    order = orders.skeleton(state, state.new_id("post"), purchase.moment)
    total = state.money(purchase.amount)
    each = float(purchase.amount / purchase.quantity)
    line = {
        "id": state.new_id("item"),
        "name": product["name"],
        "product_id": product["id"],
        "variation_id": 0,
        "quantity": purchase.quantity,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": state.money(0),
        "total": total,
        "total_tax": state.money(0),
        "taxes": [],
        "meta_data": [],
        "sku": "",
        "global_unique_id": "",
        "price": each,
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }
    recent = purchase.moment.astimezone(state.zone).date() >= today - _STILL_PROCESSING
    order.update(
        status="processing" if recent else "completed",
        customer_id=customer["id"],
        billing=customer["billing"].copy(),
        shipping=customer["shipping"].copy(),
        line_items=[line],
        total=total,
        created_via="checkout",
        payment_method="cod",
        payment_method_title="Cash on delivery",
    )
    if not recent:
        delivered = purchase.moment + timedelta(hours=2)
        stamp(order, "date_completed date_paid date_modified", delivered, state.zone)
    refresh(order)
    return order
