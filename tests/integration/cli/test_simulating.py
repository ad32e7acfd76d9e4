"""`regulars simulate FILE`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from connector.cli.simulating import table
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import postings, programmes
from tests.integration.cli.conftest import Regulars


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "programme.json"


def test_a_proposed_programme_is_shown_beside_the_one_in_force_as_a_table_or_as_json(
    regulars: Regulars, paired: Store, file: Path, engine: Engine
) -> None:
    regulars("backfill")
    before = _rows(engine)
    file.write_text(json.dumps({"version": 1, "programme": {"earning": {"rate": "3"}}}))
    result = regulars("simulate", str(file))
    assert result.exit_code == 0, result.output
    issued = next(line.split() for line in result.output.splitlines() if line.startswith("points issued"))
    current, proposed = (int(number.replace(",", "")) for number in issued[-2:])
    assert 2 * current < proposed <= 3 * current + 3 * 200
    whole = regulars("simulate", "--json", str(file)).output
    result = json.loads(whole[whole.index("{") :])
    assert [result[side]["points_issued"] for side in ("current", "proposed")] == [current, proposed]
    assert _rows(engine) == before


def _rows(engine: Engine) -> list[int]:
    with transaction(engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (postings, programmes)
        ]


def test_mistakes_are_named_by_their_place(regulars: Regulars, file: Path) -> None:
    file.write_text(json.dumps({"ladder": {"tiers": []}, "margin": 7}))
    result = regulars("simulate", str(file))
    assert result.exit_code == 1
    assert "margin: " in result.output
    assert "ladder.tiers" in result.output


@pytest.mark.parametrize("text", ["", "{", "\udcff"])
def test_what_is_not_json_is_refused(regulars: Regulars, file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = regulars("simulate", str(file))
    assert result.exit_code == 1
    assert "cannot be read as JSON" in result.output


def test_the_table_fits_a_terminal_even_with_large_figures() -> None:
    side = {
        "tiers": {"member": 9_999_999, "a tier with a long name it": 1},
        "points_issued": 10**12,
        "points_issued_value": 10**12,
        "points_redeemed": 10**11,
        "points_expired": 0,
        "points_outstanding": 10**12,
        "liability": 10**12,
        "points_short_for_redemptions": 5,
        "offers_today": {
            "coupons": 10**6,
            "tier_benefits": 3,
            "promised": 10**9,
            "expected_cost": 10**8,
            "campaigns": [{"campaign": "a-campaign-with-a-name-of-forty-letters-", "coupons": 10**6}],
        },
    }
    use = {"share": 0.1, "basis": "too few coupons have ended yet; 10% are assumed to be used"}
    result = {
        "coupon_use": use,
        "customers": 10**7,
        "current": side,
        "proposed": side,
        "moved_up": 1,
        "moved_down": 0,
    }
    lines = table(result, "USD")
    assert max(map(len, lines)) <= 80
    assert "10000000000.00 USD" in "\n".join(lines)
