"""The fixtures of the real store, as a pytest plugin (`tests.real_store.fixtures`).

`real_store`: one store for the whole run, orders in their own tables (HPOS), for the contract suite.
`new_real_store`: makes further stores on demand, for suites that need one of their own.
Where the machine cannot run a store the tests are skipped with one line that says how to provide it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.real_store import summary
from tests.real_store.build import Storage, start_store
from tests.real_store.distribution import pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.real_store.sources import RealStoreUnavailableError
from tests.real_store.store import RealStore
from tests.real_store.summary import pytest_configure, pytest_terminal_summary, pytest_unconfigure

__all__ = [
    "new_real_store",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_terminal_summary",
    "pytest_unconfigure",
    "pytest_xdist_make_scheduler",
    "real_store",
]

NewRealStore = Callable[[Storage], RealStore]


@pytest.fixture(scope="session")
def new_real_store() -> Iterator[NewRealStore]:
    """Starts a store with the given order storage; all of them end with the run."""
    stores: list[RealStore] = []

    def start(storage: Storage) -> RealStore:
        try:
            store = start_store(storage)
        except RealStoreUnavailableError as reason:
            summary.note_unavailable(str(reason))
            pytest.skip(str(reason))
        summary.note_used(store)
        stores.append(store)
        return store

    yield start
    for store in stores:
        store.stop()


@pytest.fixture(scope="session")
def real_store(new_real_store: NewRealStore) -> RealStore:
    """One store with HPOS, shared by every test of the run that only needs some store."""
    return new_real_store("hpos")
