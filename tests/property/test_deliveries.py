"""Duplicates and disorder are harmless: the end state follows from what was told, not from how."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.db.stores import Store
from tests.integration.jobs.histories import Deed, Happened, deeds
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import Snapshot, fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop.plugin import Delivery

EXAMPLES = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def tell(house: House, happened: Happened, order: list[int], breaks: set[int]) -> tuple[Store, Snapshot]:
    """Connect a new store, deliver in the given order, working whenever there is a break; return its end state."""
    number = len(house.rows("SELECT id FROM stores")) + 1
    store = house.pair(happened.shop, number, site_url=f"https://shop{number}.example")
    house.history_is_read(store)
    told: list[Delivery] = list(happened.told)
    for place, index in enumerate(order):
        house.deliver(store, [told[index]])
        if place in breaks:
            house.drain()
    house.drain()
    house.want(store, "score")
    house.drain()
    assert house.owed() == [row for row in house.owed() if row.job == "write_back"]
    return store, snapshot(house.engine, store)


@EXAMPLES
@given(done=deeds(), data=st.data())
def test_any_permutation_and_repetition_of_deliveries_ends_in_the_same_state(
    house: House, now: datetime, done: list[Deed], data: st.DataObject
) -> None:
    happened = Happened(done, now - timedelta(hours=1))
    count = len(happened.told)
    again = data.draw(st.lists(st.integers(0, max(count - 1, 0)), max_size=4 if count else 0))
    shuffled = data.draw(st.permutations([*range(count), *again]))
    breaks = data.draw(st.just(set()) | st.sets(st.integers(0, max(len(shuffled) - 1, 0))))
    first, in_order = tell(house, happened, list(range(count)), set(range(count)))
    second, disordered = tell(house, happened, shuffled, breaks)
    assert disordered == in_order
    balances = fresh_balances(happened.shop, happened.owners_of_addresses())
    assert in_order["balances"] == balances
    for store in (first, second):
        ledger_is_sound(house.engine, store)
