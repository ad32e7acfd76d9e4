"""`regulars issue CAMPAIGN`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from connector.clock import utc_now
from connector.db import programmes
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import entitlements
from connector.domain.programme.offers import Campaign, Governor, Trigger
from tests.integration.cli.conftest import Regulars

ASKED = ("issue", "thanks", "--occasion", "spring-2027", "--reason", "you stood by us")


@pytest.fixture
def campaign(paired: Store, engine: Engine) -> None:
    """The store has a campaign to hand out."""
    with transaction(engine) as connection:
        latest = programmes.latest(connection, paired.id)
        wanted = replace(
            latest,
            campaigns=(Campaign("thanks", Trigger.BY_HAND),),
            governor=Governor(full_price_days=0, hold_out_percent=Decimal(0)),
        )
        programmes.save(connection, paired.id, wanted, latest.version, None, utc_now())


@pytest.fixture
def read(regulars: Regulars, campaign: None) -> None:
    """Its history has been read."""
    regulars("backfill")
    regulars("score")


def coupons(engine: Engine) -> int:
    with transaction(engine) as connection:
        return connection.execute(select(func.count()).select_from(entitlements)).scalar_one()


def test_it_is_shown_first_and_handed_out_when_that_is_said(regulars: Regulars, read: None, engine: Engine) -> None:
    seen = regulars(*ASKED)
    assert seen.exit_code == 0, seen.output
    assert "40 of 40 customers would get thanks, worth " in seen.output
    assert "Nothing was given. With --yes it is." in seen.output
    assert coupons(engine) == 0

    done = regulars(*ASKED, "--yes")
    assert "40 of 40 customers get thanks, worth " in done.output
    assert coupons(engine) == 40

    again = regulars(*ASKED, "--yes")
    assert "0 of 40 customers get thanks" in again.output
    assert "40  had it already" in again.output


def test_a_segment_can_be_named(regulars: Regulars, read: None, engine: Engine) -> None:
    regulars(*ASKED, "--min-orders", "3", "--tier", "member", "--yes")
    assert 0 < coupons(engine) < 40


def test_what_the_programme_does_not_have_is_named(regulars: Regulars, campaign: None) -> None:
    result = regulars("issue", "other", "--occasion", "x", "--reason", "y")
    assert result.exit_code == 1
    assert "It has: thanks." in result.output


@pytest.mark.parametrize(
    ("occasion", "reason"),
    [("Spring 2027", "thanks"), ("spring", ""), ("spring", " "), ("spring", "x" * 161), ("spring", "a\nb")],
)
def test_an_occasion_is_a_slug_and_a_reason_one_line(
    regulars: Regulars, campaign: None, occasion: str, reason: str
) -> None:
    result = regulars("issue", "thanks", "--occasion", occasion, "--reason", reason, "--yes")
    assert result.exit_code == 1
    assert result.output.startswith("Error: occasion: " if occasion != "spring" else "Error: reason: ")


def test_a_country_that_is_none_is_refused(regulars: Regulars, campaign: None) -> None:
    result = regulars(*ASKED, "--country", "Germany")
    assert result.exit_code == 1
    assert "countries.0: “Germany” is not a country's two letters" in result.output
