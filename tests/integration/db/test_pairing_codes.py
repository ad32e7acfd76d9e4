from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from connector.db import pairing_codes
from connector.db.pairing_codes import CodeRefused
from connector.db.session import transaction


def issue(engine, clock) -> str:
    with transaction(engine) as connection:
        return pairing_codes.issue(connection, clock())


def check(engine, code, clock) -> int:
    with transaction(engine) as connection:
        return pairing_codes.check(connection, code, clock())


def use(engine, code_id, clock) -> None:
    with transaction(engine) as connection:
        pairing_codes.use(connection, code_id, clock())


def test_a_code_is_three_groups_of_letters_that_are_not_mistaken_for_one_another(engine, clock):
    codes = {issue(engine, clock) for _ in range(50)}

    assert len(codes) == 50
    assert all(re.fullmatch(r"([A-HJ-NP-Z2-9]{4}-){2}[A-HJ-NP-Z2-9]{4}", code) for code in codes)


def test_a_code_cannot_be_read_in_the_database(engine, clock):
    code = issue(engine, clock)
    with engine.connect() as connection:
        everything = repr(connection.execute(text("SELECT * FROM pairing_codes")).one())

    assert code not in everything
    assert code.replace("-", "") not in everything


@pytest.mark.parametrize(
    "typed",
    [str.lower, lambda code: code.replace("-", ""), lambda code: f"  {code.replace('-', ' ')}\n"],
    ids=["lower case", "without dashes", "with spaces"],
)
def test_a_code_is_known_however_it_is_typed(engine, clock, typed):
    code = issue(engine, clock)

    assert check(engine, typed(code), clock) == check(engine, code, clock)


def test_a_code_may_be_checked_again_until_it_is_used(engine, clock):
    code = issue(engine, clock)
    code_id = check(engine, code, clock)
    use(engine, code_id, clock)

    with pytest.raises(CodeRefused, match="used already") as refused:
        check(engine, code, clock)
    assert refused.value.expired is False


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKMN", "", "-", "é", "ABCD-EFGH-JKMN-PQRS"])
def test_a_code_nobody_issued_is_refused(engine, clock, code):
    issue(engine, clock)

    with pytest.raises(CodeRefused, match="not known") as refused:
        check(engine, code, clock)
    assert refused.value.expired is False


def test_a_code_is_good_for_fifteen_minutes(engine, clock):
    code = issue(engine, clock)

    clock.advance(minutes=14, seconds=59)
    assert check(engine, code, clock)
    clock.advance(seconds=1)
    with pytest.raises(CodeRefused, match=r"expired\. Run `regulars pair`") as refused:
        check(engine, code, clock)
    assert refused.value.expired is True


def test_a_used_code_stays_used_when_it_is_old(engine, clock):
    code = issue(engine, clock)
    use(engine, check(engine, code, clock), clock)
    clock.advance(hours=1)

    with pytest.raises(CodeRefused) as refused:
        check(engine, code, clock)
    assert refused.value.expired is False


def test_two_codes_live_side_by_side(engine, clock):
    first, second = issue(engine, clock), issue(engine, clock)
    use(engine, check(engine, first, clock), clock)

    assert check(engine, second, clock)


def test_one_of_many_pairings_that_use_a_code_at_once_gets_it(engine, clock):
    code_id = check(engine, issue(engine, clock), clock)
    together = Barrier(4)

    def pair(_: int) -> bool:
        together.wait()
        try:
            use(engine, code_id, clock)
        except CodeRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(pair, range(4))) == [False, False, False, True]
