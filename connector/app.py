"""The web application: blueprints and error handlers."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy import Engine

from connector.clock import utc_now
from connector.db.session import open_engine
from connector.db.vault import Vault, open_vault
from connector.queueing import TakesOffers, WorkQueue, connect_redis
from connector.settings import Settings
from connector.shop.client import ShopClient
from connector.web import (
    adjustments,
    campaigns,
    decisions,
    explanations,
    health,
    hooks,
    pairing,
    programme,
    redemptions,
    reports,
    simulations,
    stores,
)
from connector.web.headers import register_headers
from connector.web.parts import Parts, hand_over
from connector.web.problems import register_error_handlers

# A store that waits for an answer is better served by a quick 503, after which it comes again.
_DATABASE_WAIT_SECONDS = 5
_VIEWS = (
    hooks,
    pairing,
    stores,
    programme,
    campaigns,
    simulations,
    adjustments,
    decisions,
    redemptions,
    explanations,
    reports,
    health,
)


def create_app(
    settings: Settings,
    *,
    engine: Engine | None = None,
    vault: Vault | None = None,
    queue: TakesOffers | None = None,
    clock: Callable[[], datetime] = utc_now,
    shop_factory: Callable[..., ShopClient] = ShopClient,
) -> Flask:
    """Return the web application over a migrated database. Make it in the process that serves it, after any fork.

    What is not handed over is made from the settings; without a Redis to offer work to, the sweeper finds it.
    ``shop_factory`` takes what `ShopClient` takes; ``clock`` returns aware times.
    """
    if queue is None and settings.redis_url is not None:
        queue = WorkQueue(connect_redis(settings.redis_url))
    app = Flask("connector", static_folder=None)
    # A redirect to the tidy address would lose a delivery's method or body on its way.
    app.url_map.merge_slashes = False
    hand_over(
        app,
        Parts(
            engine=engine or open_engine(settings.database_url, wait_seconds=_DATABASE_WAIT_SECONDS),
            vault=vault or open_vault(settings.secret_key, settings.secret_key_file),
            queue=queue,
            clock=clock,
            shop_factory=shop_factory,
        ),
    )
    for view in _VIEWS:
        app.register_blueprint(view.blueprint)
    register_error_handlers(app)
    register_headers(app)
    return app
