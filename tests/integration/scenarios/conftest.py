from tests.integration.jobs.fixtures import house, shop
from tests.integration.scenarios.telling import store

__all__ = ["house", "shop", "store"]
