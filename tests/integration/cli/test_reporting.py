"""`regulars liability` and `regulars effect`."""

from __future__ import annotations

import csv
import io

from sqlalchemy import Engine, func, select, update

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import accounts
from tests.integration.cli.conftest import Regulars


def test_what_customers_hold_is_what_their_accounts_sum_to(regulars: Regulars, paired: Store, engine: Engine) -> None:
    regulars("backfill")
    with transaction(engine) as connection:
        held = connection.execute(select(func.sum(accounts.c.available))).scalar_one()
    result = regulars("liability")
    assert result.exit_code == 0, result.output
    assert f"Customers hold {held:,} points" in result.output
    assert "agree to the point" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_table_is_csv_and_nothing_else(regulars: Regulars, paired: Store) -> None:
    regulars("backfill")
    months = list(csv.DictReader(io.StringIO(regulars("liability", "--csv").output)))
    assert months[-1]["closing"] == str(int(months[-1]["pending"]) + int(months[-1]["available"]))
    ages = list(csv.DictReader(io.StringIO(regulars("liability", "--csv", "ageing").output)))
    assert sum(int(age["points"]) for age in ages) == int(months[-1]["closing"])


def test_what_does_not_reconcile_is_said_and_ends_with_status_1(
    regulars: Regulars, paired: Store, engine: Engine
) -> None:
    regulars("backfill")
    with transaction(engine) as connection:
        connection.execute(update(accounts).values(pending=accounts.c.pending + 1))
    result = regulars("liability")
    assert result.exit_code == 1
    assert "pending: ledger and balances differ" in result.output


def test_an_effect_before_anybody_is_compared_says_so(regulars: Regulars, paired: Store) -> None:
    result = regulars("effect")
    assert result.exit_code == 0, result.output
    assert "the whole programme" in result.output
    assert "Nobody to compare yet: 90 days have to pass" in result.output


def test_a_campaign_that_nobody_was_due_for_is_named(regulars: Regulars, paired: Store) -> None:
    result = regulars("effect", "--campaign", "nothing")
    assert result.exit_code == 1
    assert "No campaign 'nothing'" in result.output
