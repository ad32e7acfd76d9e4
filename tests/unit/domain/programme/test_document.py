from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.countries import COUNTRIES
from connector.domain.programme import Programme, Tier
from connector.domain.programme.document import ProgrammeInvalid, from_document, proposed, to_document
from connector.domain.programme.formats import FORMAT, MIGRATIONS
from connector.domain.programme.mistakes import reasons
from connector.domain.programme.offers import Campaign, Discount, Timing, Trigger
from connector.domain.programme.scoring import Scoring
from tests.programmes import programmes

SEASON = {"name": "christmas", "trigger": "season", "timing": {"from_day": "2026-12-01", "to_day": "2026-12-24"}}


def errors_of(document: Any) -> dict[str, list[str]]:
    with pytest.raises(ProgrammeInvalid) as refusal:
        proposed(document)
    return refusal.value.errors


@given(programmes())
def test_a_programme_is_the_same_after_it_was_stored(programme):
    stored = json.loads(json.dumps(to_document(programme)))

    assert from_document(stored, programme.version) == programme


@given(programmes())
def test_what_was_read_can_be_proposed_again(programme):
    document = json.loads(json.dumps(to_document(programme)))

    assert to_document(proposed(document)) == document


def test_a_document_leaves_the_version_to_its_row():
    assert to_document(Programme(version=1)) == to_document(Programme(version=7))


def test_the_default_programme_suits_a_small_shop():
    programme = Programme()

    assert [(tier.name, tier.threshold) for tier in programme.tiers] == [
        ("member", 0),
        ("silver", 1_000),
        ("gold", 5_000),
    ]
    assert programme.tier_window_months == 12
    assert programme.counting.statuses == {"processing", "completed"}
    assert programme.campaigns == (Campaign("second_purchase", Trigger.SECOND_PURCHASE),)
    assert programme.governor.hold_out_percent == 5


def test_what_is_left_out_takes_its_default():
    assert proposed({}) == Programme()
    assert proposed({"earning": {"rate": 2}}).earning.rate == Decimal(2)
    assert proposed({"earning": {"rate": 2}}).ladder == Programme().ladder


@pytest.mark.parametrize("number", ["0.1", 0.1])
def test_a_rate_is_exact_however_it_is_written(number):
    assert proposed({"earning": {"rate": number}}).earning.rate == Decimal("0.1")


def test_a_document_of_the_first_format_is_read():
    flat = {
        "counting": {"statuses": ["completed"], "include_tax": False, "include_shipping": True},
        "tiers": [{"name": "bronze", "threshold": 0}, {"name": "gold", "threshold": 900}],
        "tier_window_months": 6,
        "second_purchase": {"percent": "12.50", "valid_days": 14, "reach_days": 90},
        "margin": 0.5,
        "annual_discount_rate": 0.2,
    }

    programme = from_document(flat, 3)

    assert (programme.version, programme.margin, programme.annual_discount_rate) == (3, 0.5, 0.2)
    assert programme.tiers == (Tier("bronze", 0), Tier("gold", 900))
    assert programme.tier_window_months == 6
    assert programme.campaigns == (
        Campaign(
            "second_purchase",
            Trigger.SECOND_PURCHASE,
            discount=Discount(amount=Decimal("12.50"), valid_days=14),
            timing=Timing(reach_days=90),
        ),
    )
    assert not programme.counting.include_tax
    assert programme.earning == Programme().earning


def test_what_was_stored_before_scores_could_be_set_scores_as_it_did():
    stored = to_document(Programme())
    del stored["scoring"]

    assert from_document(stored, 1).scoring == Scoring(horizon_months=12, lookback_months=0)


def test_every_older_format_leads_to_the_next():
    assert list(MIGRATIONS) == list(range(1, FORMAT))


def test_a_document_of_a_later_release_is_not_guessed_at():
    with pytest.raises(ValueError, match="format 1 to 2, not 3"):
        from_document({"format": 3}, 1)


def test_only_the_latest_format_can_be_proposed():
    assert list(errors_of({"format": 1})) == ["format"]


def test_every_wrong_setting_is_named_by_its_path_with_what_to_do():
    errors = errors_of(
        {
            "earning": {"rate": "much", "currency_rates": {"EUR": 0, "euro": 1}, "hold_days": 1.5},
            "ladder": {"tiers": [{"name": "a", "threshold": 0}, {"name": "b", "threshold": -1}]},
            "governor": {"hold_out_percent": 101},
            "redeeming": {"enabled": "yes"},
            "shortfall": "ignore",
            "surprise": 1,
        }
    )

    assert errors == {
        "earning.rate": ["Must be a number from 0 to 1000000 with at most 6 decimals."],
        "earning.currency_rates.EUR": ["Must be a number above 0, at most 1000000000, with at most 12 decimals."],
        "earning.currency_rates.euro": ["Must be a currency's three letters, such as EUR."],
        "earning.hold_days": ["Must be a whole number from 0 to 365."],
        "ladder.tiers.1.threshold": ["Must be a whole number from 0 to 1000000000000."],
        "governor.hold_out_percent": ["Must be a number from 0 to 100 with at most 2 decimals."],
        "redeeming.enabled": ["Must be true or false."],
        "shortfall": ["Must be one of: negative, forgive, owe."],
        "surprise": ["There is no such setting."],
    }


def tiers(*steps: tuple[str, int]) -> dict[str, Any]:
    return {"ladder": {"tiers": [{"name": name, "threshold": threshold} for name, threshold in steps]}}


def campaign(**settings: Any) -> dict[str, Any]:
    return {"campaigns": [{"name": "offer", "trigger": "by_hand", **settings}]}


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (tiers(), "ladder.tiers", "at least one tier"),
        (tiers(("member", 5)), "ladder.tiers.0.threshold", "must start at 0"),
        (tiers(("a", 0), ("b", 9), ("c", 9)), "ladder.tiers.2.threshold", "more than 9, where “b” starts"),
        (tiers(("Gold", 0), ("gold", 9)), "ladder.tiers.1.name", "called “gold” already"),
        ({"ladder": {"downgrade": "one_step"}}, "ladder.keep_months", "at least 1"),
        (tiers((" ", 0)), "ladder.tiers.0.name", "1 to 24 characters"),
        (tiers(("x\u0000", 0)), "ladder.tiers.0.name", "without line breaks"),
        (tiers(("\ud800", 0)), "ladder.tiers.0.name", "1 to 24 characters"),
        ({"scoring": {"horizon_months": 0}}, "scoring.horizon_months", "from 1 to 60"),
        ({"scoring": {"frequency": [2, 3, 4]}}, "scoring.frequency", "four numbers"),
        ({"scoring": {"monetary": [50, 100, 100, 500]}}, "scoring.monetary.2", "more than 100, the number before"),
        ({"scoring": {"recency": [365, 90, 90, 30]}}, "scoring.recency.2", "less than 90, the number before"),
        ({"redeeming": {"step": 300}}, "redeeming.minimum", "multiple of the step, which is 300"),
        ({"redeeming": {"largest_share": 0}}, "redeeming.largest_share", "above 0"),
        ({"earning": {"rate": "1e-9"}}, "earning.rate", "at most 6 decimals"),
        ({"earning": {"rate": "NaN"}}, "earning.rate", "Must be a number"),
        ({"earning": {"multipliers": [{"name": "x", "factor": 0}]}}, "earning.multipliers.0.factor", "above 0"),
        (
            {"earning": {"multipliers": [{"name": "x", "factor": 2, "tiers": ["platinum"]}]}},
            "earning.multipliers.0.tiers",
            "no tier “platinum”",
        ),
        (
            {"earning": {"multipliers": [{"name": "x", "factor": 2}, {"name": "X", "factor": 3}]}},
            "earning.multipliers.1.name",
            "called “X” already",
        ),
        (
            {
                "earning": {
                    "multipliers": [{"name": "x", "factor": 2, "from_day": "2026-12-02", "to_day": "2026-12-01"}]
                }
            },
            "earning.multipliers.0.to_day",
            "not be before the first day",
        ),
        (
            {"expiry": {"basis": "earned", "months": 1, "warn_days": 40}},
            "expiry.warn_days",
            "shorter than the 1 months",
        ),
        ({"counting": {"statuses": []}}, "counting.statuses", "at least one status"),
        ({"counting": {"statuses": ["wc completed"]}}, "counting.statuses.0", "such as completed"),
        ({"campaigns": [SEASON, SEASON]}, "campaigns.1.name", "called “christmas” already"),
        (
            {"campaigns": [{**SEASON, "timing": {"to_day": "2026-12-24"}}]},
            "campaigns.0.timing.from_day",
            "first and its last day",
        ),
        ({"campaigns": [{"trigger": "vip"}]}, "campaigns.0.name", "must not be missing"),
        (campaign(name="Über"), "campaigns.0.name", "lower-case letters"),
        (campaign(audience={"segments": ["heroes"]}), "campaigns.0.audience.segments.0", "no segment “heroes”"),
        (campaign(audience={"tiers": ["platinum"]}), "campaigns.0.audience.tiers", "no tier “platinum”"),
        (campaign(audience={"countries": ["XX"]}), "campaigns.0.audience.countries.0", "two letters"),
        (campaign(audience={"clv_deciles": [9, 2]}), "campaigns.0.audience.clv_deciles", "the lower first"),
        (campaign(audience={"clv_deciles": [9]}), "campaigns.0.audience.clv_deciles", "two numbers"),
        (campaign(discount={"amount": 0}), "campaigns.0.discount.amount", "more than 0"),
        (campaign(discount={"amount": "100.01"}), "campaigns.0.discount.amount", "at most 100 percent"),
        (
            campaign(discount={"amount": 10, "scaling": {"share": "0.1", "largest": 9}}),
            "campaigns.0.discount.scaling.largest",
            "at least the discount's own amount",
        ),
        (
            campaign(
                variants=[{"name": "a", "share": 50, "discount": {}}, {"name": "b", "share": 40, "discount": {}}]
            ),
            "campaigns.0.variants",
            "sum to 100; they sum to 90",
        ),
        (campaign(variants=[{"name": "a", "share": 100, "discount": {}}]), "campaigns.0.variants", "at least two"),
        ([], "programme", "by name"),
        ({"ladder": None}, "ladder", "not be empty"),
        ({"ladder": 7}, "ladder", "by name"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused_where_they_stand(document, path, words):
    errors = errors_of(document)

    assert list(errors) == [path]
    assert words.casefold() in errors[path][0].casefold()


def test_every_mistake_carries_its_code_and_the_values_its_sentence_was_made_of():
    mistakes = errors_of(
        {"redeeming": {"step": 300}, "earning": {"hold_days": 400}, **tiers(("Gold", 0), ("gold", 9))}
    )

    assert {path: reasons(said) for path, said in mistakes.items()} == {
        "redeeming.minimum": [{"code": "not_in_steps", "values": {"step": 300}}],
        "earning.hold_days": [{"code": "not_whole", "values": {"least": 0, "most": 365}}],
        "ladder.tiers.1.name": [{"code": "name_taken", "values": {"name": "gold"}}],
    }


def test_a_name_with_braces_is_quoted_as_it_is():
    mistakes = errors_of(tiers(("{0}", 9), ("{most}", 9)))

    assert mistakes["ladder.tiers.1.threshold"] == ["Must be more than 9, where “{0}” starts."]


def test_a_fixed_discount_may_be_more_than_a_hundred():
    assert proposed(campaign(discount={"kind": "fixed", "amount": 250})).campaigns[0].discount.amount == 250


odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({"x": 1})


@given(programmes().map(to_document), st.data())
def test_a_document_with_anything_in_it_is_a_programme_or_refused(document, data):
    spoiled = deepcopy(document)
    place: Any = spoiled
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(odd)

    errors: dict[str, list[str]] = {}
    try:
        programme = proposed(spoiled)
    except ProgrammeInvalid as refusal:
        errors = refusal.errors
    if errors:
        assert all(reasons(sentences) for sentences in errors.values())
        assert all(sentence.endswith(".") for sentences in errors.values() for sentence in sentences)
    else:
        assert from_document(json.loads(json.dumps(to_document(programme))), 1) == programme


def test_an_answer_about_mistakes_does_not_grow_with_the_document():
    assert len(errors_of({f"setting {n}": n for n in range(5_000)})) == 100


def test_the_countries_are_those_of_the_standard():
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text()

    assert {line[:2] for line in table.splitlines() if not line.startswith("#")} | {"XK"} == COUNTRIES
