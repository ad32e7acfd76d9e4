"""Lay out one site, start its processes and install WordPress and WooCommerce into it."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from tests.real_store.services import Services
from tests.real_store.sources import THEME, Sources, find_sources
from tests.real_store.store import Admin, ApiKey, RealStore, Versions

Storage = Literal["hpos", "posts"]

SCRIPTS = Path(__file__).parent / "php"

_CONFIG = """\
<?php
define( 'DB_NAME', 'store' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
{salts}
define( 'WP_HOME', '{url}' );
define( 'WP_SITEURL', '{url}' );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_LOG', '{work}/debug.log' );
define( 'WP_DEBUG_DISPLAY', false );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'FS_METHOD', 'direct' );
define( 'REGULARS_TEST_NOTES', '{work}' );
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {{
	define( 'ABSPATH', __DIR__ . '/' );
}}
require_once ABSPATH . 'wp-settings.php';
"""

_SALTS = (
    "AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY",
    "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT",
)  # fmt: skip


def start_store(storage: Storage) -> RealStore:
    """A fresh, open store: admin, pages, payment on delivery, one read/write API key, orders kept in `storage`.

    Raises RealStoreUnavailableError where the machine cannot run one. The caller owns it and must `stop()` it.
    """
    sources = find_sources()
    work = Path(tempfile.mkdtemp(prefix="regulars-store-"))
    site = work / "site"
    services = Services(sources, work, site, SCRIPTS)
    token = secrets.token_hex(16)

    def stop() -> None:
        services.stop()
        shutil.rmtree(work, ignore_errors=True)

    try:
        _lay_out(sources, site)
        url = f"http://127.0.0.1:{services.port}"
        _write_config(site, work, url, services.database_socket)
        services.start(
            {
                "REGULARS_TEST_TOKEN": token,
                "REGULARS_TEST_SITE": str(site),
                "REGULARS_TEST_DATABASE_SOCKET": str(services.database_socket),
            }
        )
        admin = Admin("owner", secrets.token_urlsafe(16), "owner@store.example")
        key = ApiKey(f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}")
        store = RealStore(work, url, token, storage, admin, key, stop)
        _install(store)
        for notes in (work / "debug.log", work / "mails.jsonl", work / "http.jsonl"):
            notes.unlink(missing_ok=True)  # of the installation itself
    except BaseException:
        stop()
        raise
    return store


def _install(store: RealStore) -> None:
    store.run_script(
        "install-wordpress",
        {
            "user": store.admin.user,
            "password": store.admin.password,
            "email": store.admin.email,
            "timezone": store.timezone,
            "theme": THEME,
        },
    )
    versions = store.run_script(
        "install-woocommerce",
        {
            "storage": store.storage,
            "currency": store.currency,
            "consumer_key": store.consumer_key,
            "consumer_secret": store.consumer_secret,
        },
    )
    store.versions = Versions(**versions)
    own_tables = store.php(
        "return Automattic\\WooCommerce\\Utilities\\OrderUtil::custom_orders_table_usage_is_enabled();"
    )
    if own_tables != (store.storage == "hpos"):
        raise AssertionError(f"the store was asked to keep orders in {store.storage} and does not")


def _lay_out(sources: Sources, site: Path) -> None:
    """The site's own tree: hard links are made in a moment and spare a copy of 200 MB."""
    content = site / "wp-content"
    left_out = shutil.ignore_patterns("wp-config.php")
    shutil.copytree(sources.wordpress, site, copy_function=_link, ignore=left_out)
    plugin = content / "plugins" / "woocommerce"
    if not plugin.exists():
        shutil.copytree(sources.woocommerce, plugin, copy_function=_link)
    for folder in ("uploads", "upgrade", "mu-plugins"):
        (content / folder).mkdir(exist_ok=True)
    shutil.copy(SCRIPTS / "mu-plugin.php", content / "mu-plugins" / "test-run.php")


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _write_config(site: Path, work: Path, url: str, socket: Path) -> None:
    salts = "\n".join(f"define( '{name}', '{secrets.token_hex(32)}' );" for name in _SALTS)
    (site / "wp-config.php").write_text(_CONFIG.format(socket=socket, salts=salts, url=url, work=work))
