from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from connector.db import inbox, outbox, programmes, stores, work
from connector.db.inbox import Delivery
from connector.db.session import transaction
from connector.db.tables import stores as stores_table
from connector.db.vault import Vault, VaultError
from connector.domain.programme import Programme
from connector.domain.programme.ladder import Ladder

SECRETS = {"consumer_key": "ck_of_shop_1", "consumer_secret": "cs_of_shop_1", "signing_secret": f"whsec_{1:0>32}"}


def read(engine, question, *arguments):
    with transaction(engine) as connection:
        return question(connection, *arguments)


def test_a_store_that_pairs_is_connected_with_what_it_said_about_itself(engine, new_store, now):
    store = new_store(1, currency="JPY", timezone="Asia/Tokyo")

    assert read(engine, stores.by_id, store.id) == store
    assert (store.currency, store.timezone, store.connected, store.connected_at) == ("JPY", "Asia/Tokyo", True, now)
    assert store.versions["woocommerce"] == "10.9.1"
    assert store.zone == ZoneInfo("Asia/Tokyo")
    assert (store.last_delivery_at, store.last_error) == (None, None)


def test_a_store_is_found_by_its_public_id(engine, store, other_store):
    assert read(engine, stores.by_public_id, "st_test2") == other_store
    assert read(engine, stores.by_public_id, "st_nobody") is None


def test_stores_are_listed_the_oldest_first(engine, store, other_store):
    assert read(engine, stores.every) == [store, other_store]


def test_keys_and_secrets_open_with_the_vault_they_were_sealed_in(engine, store, other_store, vault):
    assert read(engine, stores.credentials, store.id, vault) == ("ck_of_shop_1", "cs_of_shop_1")
    assert read(engine, stores.signing_secret, store.id, vault) == SECRETS["signing_secret"]
    assert read(engine, stores.credentials, other_store.id, vault) == ("ck_of_shop_2", "cs_of_shop_2")


def test_keys_and_secrets_do_not_open_with_another_key(engine, store):
    stranger = Vault(Fernet.generate_key().decode())

    with pytest.raises(VaultError, match="REGULARS_SECRET_KEY"):
        read(engine, stores.credentials, store.id, stranger)
    with pytest.raises(VaultError, match="REGULARS_SECRET_KEY"):
        read(engine, stores.signing_secret, store.id, stranger)


def test_keys_and_secrets_cannot_be_read_in_the_database(engine, store):
    with engine.connect() as connection:
        everything = repr(connection.execute(text("SELECT * FROM stores")).one())

    assert store.site_url in everything
    assert not [name for name, secret in SECRETS.items() if secret in everything]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_keys_and_secrets_cannot_be_read_in_the_database_file(engine, store, tmp_path):
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
        connection.exec_driver_sql("BEGIN")

    content = (tmp_path / "copy.db").read_bytes()
    assert store.site_url.encode() in content
    assert not [name for name, secret in SECRETS.items() if secret.encode() in content]


def test_a_site_that_pairs_again_keeps_its_identity_and_changes_its_keys(engine, store, new_store, vault, now):
    again = new_store(
        1,
        public_id="st_new",
        consumer_key="ck_new",
        consumer_secret="cs_new",
        signing_secret="whsec_new",
        timezone="UTC",
    )

    assert (again.id, again.public_id, again.timezone) == (store.id, store.public_id, "UTC")
    assert read(engine, stores.credentials, store.id, vault) == ("ck_new", "cs_new")
    assert read(engine, stores.signing_secret, store.id, vault) == "whsec_new"
    assert len(read(engine, stores.every)) == 1


def test_a_site_that_pairs_again_keeps_its_history_and_its_programme(engine, store, new_store, now):
    chosen = Programme(ladder=Ladder(months=24))
    delivery = Delivery("msg_1", "plugin", "order.updated", "order", 12, now, {"id": 12})
    with transaction(engine) as connection:
        programmes.save(connection, store.id, chosen, 1, None, now)
        inbox.keep(connection, store.id, delivery, now)

    new_store(1, public_id="st_new")

    assert read(engine, programmes.current, store.id, now) == replace(chosen, version=2)
    assert len(read(engine, inbox.waiting, store.id, "order", 12)) == 1


def test_a_site_that_pairs_again_gets_its_parked_work_tried_again(engine, store, new_store, now):
    lease = timedelta(seconds=60)
    with transaction(engine) as connection:
        work_id = work.want(connection, store.id, "write_back", "customers", now)
        work.park(connection, work.claim(connection, work_id, "worker-1", now, lease), now, "The key was refused.")

    new_store(1)

    assert read(engine, work.last_error, store.id) is None
    assert read(engine, work.claim, work_id, "worker-1", now, lease) is not None


def test_a_site_that_pairs_again_is_told_at_once_what_it_stumbled_over(engine, store, other_store, new_store, now):
    with transaction(engine) as connection:
        for one in (store, other_store):
            outbox.desire(connection, one.id, outbox.CUSTOMER, [(1, 71, {"regulars_tier": "gold"})], now)
            outbox.put_off(connection, one.id, outbox.unwritten(connection, one.id, outbox.CUSTOMER, 9, now), now)

    new_store(1)

    assert [row.attempts for row in read(engine, outbox.unwritten, store.id, outbox.CUSTOMER, 9, now)] == [0]
    assert read(engine, outbox.unwritten, other_store.id, outbox.CUSTOMER, 9, now) == []


def test_a_store_that_disconnected_is_known_but_not_connected_until_it_pairs_again(engine, store, new_store, now):
    with transaction(engine) as connection:
        stores.note_error(connection, store.id, "The store refused the key.")
        stores.disconnect(connection, store.id, now + timedelta(hours=1))

    gone = read(engine, stores.by_public_id, store.public_id)
    assert (gone.connected, gone.state) == (False, "disconnected")

    back = new_store(1)
    assert (back.id, back.connected, back.last_error) == (store.id, True, None)
    with transaction(engine) as connection:
        assert connection.execute(select(stores_table.c.disconnected_at)).scalar_one() is None


def test_disconnecting_one_store_leaves_the_others_connected(engine, store, other_store, now):
    with transaction(engine) as connection:
        stores.disconnect(connection, store.id, now)

    assert [each.connected for each in read(engine, stores.every)] == [False, True]


def test_what_is_noted_about_one_store_is_not_noted_about_another(engine, store, other_store, now):
    heard_at = now + timedelta(minutes=3)
    with transaction(engine) as connection:
        stores.note_delivery(connection, store.id, heard_at)
        stores.note_error(connection, store.id, "The store answers slowly.")
        stores.note_requests(connection, store.id, 3)
        stores.note_requests(connection, store.id, 4)

    noted = read(engine, stores.by_id, store.id)
    assert (noted.last_delivery_at, noted.last_error) == (heard_at, "The store answers slowly.")
    assert read(engine, stores.by_id, other_store.id) == other_store
    with transaction(engine) as connection:
        counted = connection.execute(select(stores_table.c.rest_requests).order_by(stores_table.c.id)).scalars().all()
    assert counted == [7, 0]


def test_how_much_a_store_takes_at_once_is_not_told_by_who_knows_it_from_before(engine, store, other_store):
    with transaction(engine) as connection:
        stores.note_batch_size(connection, store, 25)
        stores.note_batch_size(connection, store, 50)
        stores.note_batch_size(connection, store, 100)

    assert read(engine, stores.by_id, store.id).batch_size == 25
    assert read(engine, stores.by_id, other_store.id).batch_size == 100


def test_an_error_that_is_over_is_forgotten(engine, store):
    with transaction(engine) as connection:
        stores.note_error(connection, store.id, "The store answers slowly.")
        stores.note_error(connection, store.id, None)

    assert read(engine, stores.by_id, store.id).last_error is None
