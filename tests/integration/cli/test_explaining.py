"""`regulars explain`: read out on the telephone, it answers why."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, update

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import accounts
from tests.integration.cli.conftest import Regulars
from tests.sample_shop import SampleShop


@pytest.fixture
def buyer(regulars: Regulars, paired: Store, shop: SampleShop) -> int:
    """A customer who has ordered, in a store whose history has been read."""
    regulars("backfill")
    number: int = next(order["customer_id"] for order in shop.orders() if order["customer_id"])
    return number


def test_it_begins_with_what_the_shopper_sees(regulars: Regulars, buyer: int, shop: SampleShop) -> None:
    said = regulars("explain", str(buyer)).output
    assert f"POINTS    {int(shop.meta(buyer)['regulars_points']):,} to spend" in said
    assert re.search(rf"^TIER      {shop.meta(buyer)['regulars_tier']}\b", said, re.MULTILINE)


def test_the_score_names_the_time_its_value_is_expected_in(regulars: Regulars, buyer: int) -> None:
    said = regulars("explain", str(buyer)).output
    assert re.search(
        r"^SCORE     .+ \(RFM \d{3}\); [\d.]+ [A-Z]{3} expected in the next 12 months$", said, re.MULTILINE
    )


def test_every_point_is_in_a_line_that_says_where_it_came_from(
    regulars: Regulars, buyer: int, shop: SampleShop
) -> None:
    said = regulars("explain", str(buyer)).output
    sources = re.findall(r"^  +([+-][\d,]+)  (.+)$", said, re.MULTILINE)
    assert sum(int(points.replace(",", "")) for points, _ in sources) == int(shop.meta(buyer)["regulars_points"])
    orders = {f"order {order['id']}" for order in shop.orders() if order["customer_id"] == buyer}
    assert {name for _, name in sources} & orders


def test_what_counts_for_the_tier_is_listed(regulars: Regulars, buyer: int) -> None:
    said = regulars("explain", str(buyer)).output
    counted = re.search(r"It counts ([\d.]+) ", said)
    assert counted is not None
    listed = re.findall(r"^    \d{4}-\d\d-\d\d +([\d.]+) [A-Z]{3}  order", said, re.MULTILINE)
    assert round(sum(map(float, listed)), 2) == float(counted[1])


def test_it_fits_a_terminal(regulars: Regulars, buyer: int) -> None:
    lines = regulars("explain", str(buyer)).output.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line != line.rstrip() for line in lines)


def test_customers_are_known_by_email_too(regulars: Regulars, buyer: int, shop: SampleShop) -> None:
    assert f"user {buyer}" in regulars("explain", shop.customer(buyer)["email"].upper()).output


def test_a_figure_without_reasons_is_told_as_a_defect(regulars: Regulars, buyer: int, engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(update(accounts).values(available=accounts.c.available + 1))
    result = regulars("explain", str(buyer))
    assert result.exit_code == 1
    assert "available: what is shown differs" in result.output


@pytest.mark.parametrize("stranger", ["9" * 40, "stranger@example.com"])
def test_of_a_stranger_it_says_that_nobody_is_known(regulars: Regulars, paired: Store, stranger: str) -> None:
    result = regulars("explain", stranger)
    assert result.exit_code == 1
    assert f"No customer '{stranger}' is known" in result.output
