from tests.integration.jobs.fixtures import house, shop, store

__all__ = ["house", "shop", "store"]
