"""What a person sees: the plugin's settings page in WP admin, and My Account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Browser, Error, Page, StorageState, expect

from tests.real_store.store import RealStore

LAUNCH_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing outside this machine, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

TIMEOUT = 20_000
# A page whose question fails rests for half a minute before it asks again.
_SYNC_TIMEOUT = 180_000


@dataclass(frozen=True)
class Pictures:
    """Where pictures go, and whether only those of failures are taken: each costs half a second."""

    folder: Path
    only_failures: bool


class Browsing:
    """One browser, visiting one store."""

    def __init__(self, browser: Browser, store: RealStore, pictures: Pictures) -> None:
        self._browser = browser
        self._store = store
        self._pictures = pictures
        self._owner: StorageState | None = None

    @contextmanager
    def visitor(self, cookies: StorageState | None = None) -> Iterator[Page]:
        """A fresh visitor. A script error of ours on any page fails the test."""
        context = self._browser.new_context(
            base_url=self._store.url, viewport={"width": 1280, "height": 900}, storage_state=cookies
        )
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        problems: list[str] = []

        def note(error: Error) -> None:
            if "/regulars-for-woocommerce/" in (error.stack or ""):
                problems.append(f"{page.url}: {error.stack}")

        page.on("pageerror", note)
        try:
            yield page
        except BaseException:
            self._take(
                page, "failed-" + os.environ.get("PYTEST_CURRENT_TEST", "set-up").split("::")[-1].split(" ")[0]
            )
            raise
        finally:
            context.close()
        assert problems == []

    def picture(self, page: Page, name: str) -> None:
        """Keep what the page looks like, for people, where they asked for it."""
        if not self._pictures.only_failures:
            self._take(page, name)

    def _take(self, page: Page, name: str) -> None:
        page.screenshot(path=self._pictures.folder / f"{self._store.storage}-{name}.png", full_page=True)

    @contextmanager
    def owner(self) -> Iterator[SettingsPage]:
        """The store owner, logged in, on WooCommerce → Regulars."""
        with self.visitor(self._owner) as page:
            settings = SettingsPage(page)
            settings.open()
            if self._owner is None:
                page.fill("#user_login", self._store.admin.user)
                page.fill("#user_pass", self._store.admin.password)
                page.click("#wp-submit")
                page.wait_for_url(f"**{SettingsPage.PATH}")
                self._owner = page.context.storage_state()
            yield settings

    @contextmanager
    def customer(self, email: str, password: str) -> Iterator[MyAccount]:
        """A registered customer, logged in, on My Account."""
        with self.visitor() as page:
            page.goto("/my-account/")
            page.fill("#username", email)
            page.fill("#password", password)
            page.click("button[name=login]")
            page.wait_for_selector(".woocommerce-MyAccount-navigation")
            yield MyAccount(page)

    @contextmanager
    def new_customer(self, email: str, password: str) -> Iterator[MyAccount]:
        """Somebody who registers on My Account."""
        with self.visitor() as page:
            page.goto("/my-account/")
            page.fill("#reg_email", email)
            # Typed, not filled in: the strength meter follows the keys and moves the button away from the pointer.
            page.locator("#reg_password").press_sequentially(password)
            page.wait_for_selector(".woocommerce-password-strength")
            page.click("button[name=register]")
            page.wait_for_selector(".woocommerce-MyAccount-navigation")
            yield MyAccount(page)


@dataclass(frozen=True)
class SettingsPage:
    """WooCommerce → Regulars."""

    PATH: ClassVar[str] = "/wp-admin/admin.php?page=regulars"

    page: Page

    def open(self) -> None:
        """Leads to the login form first where nobody is logged in."""
        self.page.goto(self.PATH)

    @property
    def state(self) -> str | None:
        return self.page.get_attribute("#regulars-connection", "data-state")

    @property
    def sync(self) -> str:
        return self.page.inner_text("#regulars-sync")

    @property
    def error(self) -> str | None:
        """`none`, `past` or `now`."""
        return self.page.get_attribute("#regulars-last-error", "data-level")

    def connect(self, url: str, code: str) -> None:
        """Fill in what the operator was told and press Connect."""
        self.page.fill("#regulars-connector-url", url)
        self.page.fill("#regulars-pairing-code", code)
        self.page.click("#regulars-connect")
        self.page.wait_for_load_state()

    def expect_state(self, state: str) -> None:
        expect(self.page.locator("#regulars-connection")).to_have_attribute("data-state", state)

    def expect_synced(self) -> None:
        """The page follows the sync by itself, without being loaded again."""
        expect(self.page.locator("#regulars-sync")).to_have_attribute("data-state", "done", timeout=_SYNC_TIMEOUT)

    def disconnect(self) -> None:
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.click("#regulars-disconnect")
        self.page.wait_for_load_state()


@dataclass(frozen=True)
class MyAccount:
    """What the shopper sees of points, tier and coupons."""

    page: Page

    def open_rewards(self) -> None:
        """Through the menu, as a shopper would."""
        self.page.click(".woocommerce-MyAccount-navigation >> text=Rewards")
        self.page.wait_for_load_state()
        self.page.wait_for_selector(".regulars-points")

    @property
    def tier(self) -> str:
        return self.page.inner_text(".regulars-tier")

    @property
    def progress(self) -> list[str]:
        """What is still to do for tiers."""
        return self.page.locator(".regulars-progress").all_inner_texts()

    @property
    def points(self) -> str:
        return self.page.inner_text(".regulars-points")

    @property
    def coupons(self) -> list[str]:
        found = self.page.locator(".regulars-coupon")
        return [found.nth(index).get_attribute("data-code") or "" for index in range(found.count())]
