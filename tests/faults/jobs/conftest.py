from tests.integration.jobs.fixtures import house, shop

__all__ = ["house", "shop"]
