"""Redeeming as a shopper does it, its coupons, and pages of the classic kind for as long as a test needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from playwright.sync_api import Page

from tests.e2e.seeds import PASSWORD
from tests.e2e.world import World

_SET_CONTENT = """
$before = array();
foreach ( $args['pages'] as $name => $content ) {
    $id              = wc_get_page_id( $name );
    $before[ $name ] = get_post( $id )->post_content;
    wp_update_post( array( 'ID' => $id, 'post_content' => wp_slash( $content ) ) );
}
return $before;
"""
_CLASSIC = {"cart": "[woocommerce_cart]", "checkout": "[woocommerce_checkout]"}


@contextmanager
def classic_pages(world: World) -> Iterator[None]:
    """Cart and checkout by shortcode, as stores have them that are older than the blocks."""
    before = world.store.php(_SET_CONTENT, pages=_CLASSIC)
    try:
        yield
    finally:
        world.store.php(_SET_CONTENT, pages=before)


@dataclass(frozen=True)
class RedeemForm:
    """The form under My account → Rewards and in the cart."""

    FORM: ClassVar[str] = ".regulars-redeem"

    page: Page

    @property
    def shown(self) -> bool:
        return self.page.locator(self.FORM).count() == 1

    @property
    def most(self) -> int:
        """How many points the form begins with, which is the most it takes."""
        return int(self.page.input_value("#regulars-redeem-points"))

    @property
    def discount(self) -> str:
        return self.page.inner_text(".regulars-redeem__amount").strip()

    def choose(self, points: int | str) -> None:
        self.page.fill("#regulars-redeem-points", str(points))

    def send(self) -> None:
        with self.page.expect_navigation():
            self.page.click(f"{self.FORM} button[type=submit]")

    def send_whatever_it_holds(self) -> None:
        """As somebody would who changes the form in the browser."""
        with self.page.expect_navigation():
            self.page.eval_on_selector(self.FORM, "form => { form.noValidate = true; form.submit(); }")

    @property
    def said(self) -> str:
        """The notices on the page."""
        found = self.page.locator(
            ".woocommerce-message, .woocommerce-error, .woocommerce-info, .wc-block-components-notice-banner"
        )
        return " ".join(found.all_inner_texts())

    @property
    def code(self) -> str:
        """The code of the coupon that the notice names."""
        found = re.search(r"Your coupon of \S+: ([A-Z0-9]{12})", self.said)
        assert found, self.said
        return found.group(1).lower()


def put_into_cart(page: Page, product: int) -> None:
    """By the link that shops put under a product."""
    page.goto(f"/?add-to-cart={product}")


def review_order(page: Page, postcode: str) -> None:
    """Let the classic checkout work out what goes to this address, as it does for who types; it is ready after it.

    One review ends another, so that of the page's own beginning cannot come after this one.
    """
    with page.expect_response(
        lambda answer: (
            "wc-ajax=update_order_review" in answer.url and f"postcode={postcode}" in (answer.request.post_data or "")
        )
    ):
        page.evaluate("() => { jQuery( document.body ).trigger( 'update_checkout' ); }")
    page.wait_for_function("() => !document.querySelector('.blockUI')")


def coupons(world: World, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.api.get("coupons", code=code)
    return found


def redeem(world: World, email: str, points: int) -> str:
    """Redeem under My account and return the coupon's code."""
    with world.browsing.customer(email, PASSWORD) as account:
        account.open_rewards()
        form = RedeemForm(account.page)
        form.choose(points)
        form.send()
        return form.code
