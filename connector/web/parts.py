"""What the views work with, handed to the application once instead of looked up everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Engine

from connector.db.vault import Vault
from connector.queueing import TakesOffers

_NAME = "regulars"


@dataclass(frozen=True, slots=True)
class Parts:
    """``queue`` is None where there is none: the sweeper offers what is owed.

    ``shop_factory`` makes a client from REST address, consumer key and consumer secret, as
    `connector.shop.client.ShopClient` does.
    """

    engine: Engine
    vault: Vault
    queue: TakesOffers | None
    clock: Callable[[], datetime]
    shop_factory: Callable[..., Any]


def hand_over(app: Flask, parts: Parts) -> None:
    """Give an application the parts its views use."""
    app.extensions[_NAME] = parts


def parts_in_use() -> Parts:
    """Return the parts of the application that answers the current request."""
    return cast("Parts", current_app.extensions[_NAME])
