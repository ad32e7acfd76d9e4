from tests.integration.jobs.fixtures import house as house
from tests.integration.jobs.fixtures import shop as shop
