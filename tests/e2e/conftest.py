"""The connected store that every test here uses, once with orders in their own tables and once as posts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.databases import roomy_memory
from tests.e2e import seeds
from tests.e2e.addresses import used_twice
from tests.e2e.connector import RunningConnector
from tests.e2e.pages import LAUNCH_FLAGS, TIMEOUT, Browsing, Pictures
from tests.e2e.world import Shown, World, eventually
from tests.ports import held_port
from tests.real_store import summary
from tests.real_store.fixtures import NewRealStore
from tests.real_store.shopper import Shopper
from tests.real_store.sources import RealStoreUnavailableError, find_chromium
from tests.real_store.store import RealStore

ROOT = Path(__file__).parents[2]
PASSWORD = "correct-horse-battery"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.real_store)


@pytest.fixture(scope="session", autouse=True)
def _no_shopper_is_shared() -> None:
    """Fail before a store is started, not somewhere in the numbers of a test that meets another's shopper."""
    if shared := used_twice(Path(__file__).parent):
        pytest.fail("\n".join(shared), pytrace=False)


@pytest.fixture(scope="session")
def plugin_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip a store owner installs, built from the sources as they are."""
    target = tmp_path_factory.mktemp("plugin") / "regulars-for-woocommerce.zip"
    build = [sys.executable, str(ROOT / "plugin_php" / "build.py"), "--target", str(target)]
    subprocess.run(build, check=True, capture_output=True)
    return target


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Screenshots: of everything into REGULARS_TEST_PICTURES, or of failures beside the run's temporary files."""
    named = os.environ.get("REGULARS_TEST_PICTURES")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return Pictures(folder, only_failures=named is None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    try:
        program = find_chromium()
    except RealStoreUnavailableError as reason:
        summary.note_unavailable(str(reason))
        pytest.skip(str(reason))
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=LAUNCH_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("hpos", marks=pytest.mark.xdist_group("snapshot_hpos")),
        pytest.param("posts", marks=pytest.mark.xdist_group("snapshot_posts")),
    ],
)
def store(request: pytest.FixtureRequest, new_real_store: NewRealStore, plugin_zip: Path) -> RealStore:
    """A store with the plugin that no connector knows."""
    store = new_real_store(request.param)
    store.install_plugin(plugin_zip)
    return store


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("hpos", marks=pytest.mark.xdist_group("e2e_hpos")),
        pytest.param("posts", marks=pytest.mark.xdist_group("e2e_posts")),
    ],
)
def world(
    request: pytest.FixtureRequest,
    new_real_store: NewRealStore,
    chromium: Browser,
    plugin_zip: Path,
    pictures: Pictures,
) -> Iterator[World]:
    """A store with some history, our plugin, a connector, and an owner who has pressed Connect."""
    store = new_real_store(request.param)
    with held_port() as port, TemporaryDirectory(prefix="regulars-up-", dir=roomy_memory()) as folder:
        connector = RunningConnector(Path(folder), port).start()
        try:
            planted = seeds.plant(store)
            store.install_plugin(plugin_zip)
            connector.until_ready()
            connector.hold_nobody_out()
            browsing = Browsing(chromium, store, pictures)
            shown = _connect(connector, browsing)
            yield World(store, connector, browsing, planted, _first_sync(store, planted), shown)
            assert store.notices_of("regulars-for-woocommerce", "Regulars") == []
        finally:
            code = connector.stop()
            store.stop()
        assert code == 0, connector.log()[-3000:]


def _connect(connector: RunningConnector, browsing: Browsing) -> Shown:
    """Press Connect and wait for the first sync; returns what the settings page shows then."""
    with browsing.owner() as settings:
        browsing.picture(settings.page, "settings-before")
        settings.connect(connector.url, connector.pairing_code())
        settings.expect_state("connected")
        browsing.picture(settings.page, "settings-connected")
        settings.expect_synced()
        browsing.picture(settings.page, "settings-synced")
        return Shown(settings.sync, settings.error, settings.page.inner_text("#wpbody-content"))


def _first_sync(store: RealStore, planted: dict[str, int]) -> dict[str, dict[str, str]]:
    """What the first sync wrote about the planted customers."""

    def everybody_is_scored() -> dict[str, dict[str, str]]:
        found = {name: store.customer_meta(customer) for name, customer in planted.items()}
        # WooCommerce stores one entry after the other, this one last.
        assert [name for name, meta in found.items() if "regulars_scored_at" not in meta] == []
        return found

    return eventually(store, everybody_is_scored)


NewCustomer = Callable[[str], int]
NewRich = Callable[[str], tuple[int, Shopper]]
Product = Callable[[str], int]


@pytest.fixture(scope="session")
def product(world: World) -> Product:
    """`product("250.00")`: the id of something that costs this."""
    made: dict[str, int] = {}

    def priced(price: str) -> int:
        if price not in made:
            made[price] = world.store.add_product(f"Thing for {price}", price)
        return made[price]

    return priced


@pytest.fixture(scope="session")
def new_customer(world: World) -> NewCustomer:
    """`new_customer("ines@store.example")`: a registered customer's id; the password is PASSWORD."""
    return lambda email: world.store.add_customer(email, PASSWORD)


@pytest.fixture
def rich(world: World, product: Product, new_customer: NewCustomer) -> NewRich:
    """`rich("rita@store.example")`: a customer with 2,000 points of an order, and their shopper."""

    def make(email: str) -> tuple[int, Shopper]:
        customer = new_customer(email)
        shopper = world.store.shopper(email).log_in(PASSWORD)
        shopper.buy(product("2000.00"))
        world.settled(customer, points="2000")
        # The form for redeeming is made of what is written after the points.
        world.at_rest()
        return customer, shopper

    return make
