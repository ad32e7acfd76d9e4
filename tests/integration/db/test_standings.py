from __future__ import annotations

import pytest
from sqlalchemy.exc import NoResultFound

from connector.db import standings
from connector.db.session import transaction


def test_a_scoring_run_is_its_own_stores_only(engine, store, other_store, now):
    with transaction(engine) as connection:
        run = {"customers": 0, "basis": "fitted", "fitted": {"kept": True}, "report": {}}
        run_id = standings.save_run(connection, store.id, now.date(), now, now, **run)

        assert standings.run(connection, store.id, run_id).fitted == {"kept": True}
        with pytest.raises(NoResultFound):
            standings.run(connection, other_store.id, run_id)
