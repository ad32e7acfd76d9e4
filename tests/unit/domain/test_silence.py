"""Which inactivity rule holds when, as a programme's versions have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis, ExpiryRules
from connector.domain.programme.versions import in_force
from connector.domain.silence import THE_BEGINNING, Inactivity, inactivity_of

PAIRED = datetime(2026, 1, 10, 12, tzinfo=UTC)
SWITCHED = datetime(2026, 6, 1, tzinfo=UTC)
QUIET_YEAR = ExpiryRules(ExpiryBasis.INACTIVITY, 12, 30)
FIRST = Programme(version=1, saved_at=PAIRED)


def switched_on(version: int = 2, *, months: int = 12, effective_from: datetime | None = SWITCHED) -> Programme:
    rules = replace(QUIET_YEAR, months=months)
    saved_at = SWITCHED - timedelta(days=1) if effective_from else SWITCHED
    return Programme(version=version, effective_from=effective_from, saved_at=saved_at, expiry=rules)


def test_a_programme_without_inactivity_has_no_rule():
    assert inactivity_of([FIRST]) == ()
    by_age = replace(FIRST, expiry=ExpiryRules(ExpiryBasis.EARNED, 12))
    assert inactivity_of([by_age]) == ()


def test_a_rule_holds_from_the_version_that_brings_it():
    assert inactivity_of([FIRST, switched_on()]) == (Inactivity(SWITCHED, 12, 30),)


def test_a_version_that_covers_the_past_ends_nothing_before_it_was_saved():
    assert inactivity_of([FIRST, switched_on(effective_from=None)]) == (Inactivity(SWITCHED, 12, 30),)


def test_a_rule_nobody_saved_holds_from_the_beginning():
    assert inactivity_of([Programme(expiry=QUIET_YEAR)]) == (Inactivity(THE_BEGINNING, 12, 30),)


def test_a_version_that_keeps_the_months_starts_no_new_warning():
    warned_longer = replace(
        switched_on(3, effective_from=SWITCHED + timedelta(days=9)), expiry=replace(QUIET_YEAR, warn_days=60)
    )

    assert inactivity_of([FIRST, switched_on(), warned_longer]) == (Inactivity(SWITCHED, 12, 30),)


def test_a_rule_is_shortened_and_withdrawn_by_later_versions():
    shorter, off = SWITCHED + timedelta(days=100), SWITCHED + timedelta(days=200)
    versions = [FIRST, switched_on(), switched_on(3, months=6, effective_from=shorter)]
    versions.append(Programme(version=4, effective_from=off, saved_at=off))

    assert inactivity_of(versions) == (
        Inactivity(SWITCHED, 12, 30),
        Inactivity(shorter, 6, 30),
        Inactivity(off, None, 30),
    )


def test_the_highest_version_that_has_begun_is_in_force():
    later = switched_on()

    assert in_force([FIRST, later], SWITCHED - timedelta(microseconds=1)) is FIRST
    assert in_force([later, FIRST], SWITCHED) is later
    covering = Programme(version=3)
    assert in_force([FIRST, later, covering], PAIRED) is covering


def test_before_every_version_the_first_holds():
    versions = [switched_on(2), switched_on(1, effective_from=SWITCHED + timedelta(days=1))]

    assert in_force(versions, PAIRED).version == 1
