"""The store owner reads and changes the programme in WP admin; the connector keeps it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.world import World


@pytest.fixture(autouse=True)
def _everybody_is_settled_again(world: World) -> Iterator[None]:
    """A programme that is saved rewrites everybody's meta, which other tests read."""
    yield
    world.at_rest()


def open_programme(page: Page) -> int:
    """Open the section and return the version it shows."""
    page.click(".regulars-sections >> text=Programme")
    return shown_version(page)


def shown_version(page: Page) -> int:
    return int(page.get_attribute("#regulars-programme-version", "data-version") or 0)


def save(page: Page) -> None:
    page.click("#regulars-save-programme")
    page.wait_for_load_state()


def test_the_owner_changes_the_programme(world: World) -> None:
    with world.browsing.owner() as settings:
        page = settings.page
        version = open_programme(page)
        world.browsing.picture(page, "programme")
        page.fill("#regulars-expiry-warn-days", "21")
        save(page)

        expect(page.locator(".notice-success")).to_contain_text("The programme is saved")
        assert shown_version(page) == version + 1
        assert page.input_value("#regulars-expiry-warn-days") == "21"
        names = page.locator(".regulars-tiers input[type=text]")
        assert [names.nth(n).input_value() for n in range(names.count())] == ["member", "silver", "gold", ""]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(world: World) -> None:
    with world.browsing.owner() as settings:
        page = settings.page
        version = open_programme(page)
        page.fill("#regulars-redeeming-minimum", "550")
        page.fill("#regulars-earning-hold-days", "3")
        save(page)
        beside = page.locator("[data-path='redeeming.minimum']")
        expect(beside).to_have_text("Must be a multiple of the step, which is 100 points.")
        assert page.input_value("#regulars-redeeming-minimum") == "550"
        assert page.input_value("#regulars-earning-hold-days") == "3"
        page.fill(".regulars-tiers tr:nth-child(2) input[type=number]", "9000")
        page.fill("#regulars-redeeming-minimum", "500")
        save(page)
        world.browsing.picture(page, "programme-refused")
        expect(page.locator("[data-path='ladder.tiers.2.threshold']")).to_contain_text("more than 9,000")

        settings.open()
        assert open_programme(page) == version
        assert page.input_value("#regulars-earning-hold-days") == "0"


def test_the_owner_says_what_it_takes_for_a_score(world: World) -> None:
    with world.browsing.owner() as settings:
        page = settings.page
        version = open_programme(page)
        fill_thresholds(page, "frequency", 2, 5, 3, 10)
        save(page)
        beside = page.locator("[data-path='scoring.frequency.2']")
        expect(beside).to_have_text("Must be more than 5, the number before.")
        world.browsing.picture(page, "thresholds-refused")
        fill_thresholds(page, "frequency", 2, 3, 5, 10)
        save(page)
        assert shown_version(page) == version + 1
        assert [page.input_value(f"#regulars-scoring-frequency-{n}") for n in range(4)] == ["2", "3", "5", "10"]
        fill_thresholds(page, "frequency", "", "", "", "")
        save(page)
        assert shown_version(page) == version + 2


def fill_thresholds(page: Page, measure: str, *bounds: int | str) -> None:
    for at, bound in enumerate(bounds):
        page.fill(f"#regulars-scoring-{measure}-{at}", str(bound))


def test_a_tier_keeps_the_name_it_was_given(world: World) -> None:
    name, row = "100%ab <3", ".regulars-tiers tbody tr:nth-child(4)"
    with world.browsing.owner() as settings:
        page = settings.page
        open_programme(page)
        page.fill(f"{row} input[type=text]", name)
        page.fill(f"{row} input[type=number]", "9000000")
        save(page)
        assert page.input_value(f"{row} input[type=text]") == name
        page.fill(f"{row} input[type=text]", "")
        save(page)
        expect(page.locator(".notice-success")).to_contain_text("The programme is saved")
        assert page.input_value(f"{row} input[type=text]") == ""


def test_the_form_is_left_alone_while_it_is_filled_in(world: World) -> None:
    with world.browsing.owner() as settings:
        page, asked = settings.page, list[str]()
        page.on("request", lambda request: asked.append(request.post_data or ""))
        page.clock.install()
        open_programme(page)
        page.clock.fast_forward("10:00")
        # Requests are told in the order in which they are made: after this one, one of the clock's would be known.
        with page.expect_request("**/*?asked-last"):
            page.evaluate("void fetch('?asked-last')")
        assert [body for body in asked if "regulars_status" in body] == []


def test_a_form_that_somebody_else_overtook_is_not_saved(world: World) -> None:
    with world.browsing.owner() as first, world.browsing.owner() as second:
        version = open_programme(first.page)
        open_programme(second.page)
        first.page.fill("#regulars-expiry-warn-days", "20")
        save(first.page)
        second.page.fill("#regulars-expiry-warn-days", "10")
        save(second.page)

        expect(second.page.locator(".notice-error")).to_contain_text("Somebody else has changed the programme")
        second.open()
        assert open_programme(second.page) == version + 1
        assert second.page.input_value("#regulars-expiry-warn-days") == "20"


def test_nobody_but_a_shop_manager_can_save(world: World) -> None:
    with world.browsing.visitor() as page:
        answer = page.request.post(
            f"{world.store.url}/wp-admin/admin-post.php", form={"action": "regulars_save_programme", "version": "1"}
        )
        assert answer.status == 400
    with world.browsing.owner() as settings:
        page = settings.page
        version = open_programme(page)
        refused = page.request.post(
            f"{world.store.url}/wp-admin/admin-post.php",
            form={"action": "regulars_save_programme", "version": str(version)},
        )
        assert refused.status == 403
        settings.open()
        assert open_programme(page) == version
