"""What is put on the queue: ids, and nothing that would be missed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from connector.db import inbox
from connector.db.session import transaction
from connector.db.stores import Store
from connector.queueing import BULK, SWIFT, WorkQueue, connect_redis
from jobs.sweep import sweep
from tests.integration.jobs.house import House

NOWHERE = "redis://127.0.0.1:1"


def test_an_id_waits_on_the_queue_of_its_job_and_carries_nothing_else(redis_url: str, redis_client: Redis) -> None:
    queue = WorkQueue(connect_redis(redis_url))
    assert queue.offer(7, "ingest")
    assert queue.offer(8, "backfill")
    assert queue.lengths() == {SWIFT: 1, BULK: 1}
    for name, work_id in ((SWIFT, 7), (BULK, 8)):
        (job,) = Queue(name, connection=redis_client, serializer=JSONSerializer).jobs
        assert (job.func_name, list(job.args), job.kwargs) == ("jobs.worker.perform", [work_id], {})


def test_a_queue_out_of_reach_says_so_and_holds_up_nobody() -> None:
    queue = WorkQueue(connect_redis(NOWHERE))
    assert queue.offer(7, "ingest") is False
    with pytest.raises(RedisError):
        queue.lengths()


def test_the_sweeper_offers_what_is_due_and_was_not_offered_lately(house: House, store: Store) -> None:
    house.want(store, "award", "order:1")
    house.queue.waiting.clear()
    house.clock.advance(seconds=29)
    assert sweep(house.context) == 0
    house.clock.advance(seconds=1)
    assert sweep(house.context) == 1
    assert sweep(house.context) == 0
    house.clock.advance(seconds=30)
    assert sweep(house.context) == 1


def test_the_sweeper_leaves_a_full_queue_alone_and_a_dead_one_for_later(house: House, store: Store) -> None:
    house.want(store, "award", "order:1")
    house.clock.advance(seconds=31)
    house.queue.waiting.extend([(1, "award")] * 500)
    assert sweep(house.context) == 0
    house.queue.waiting.clear()
    dead = replace(house.context, queue=WorkQueue(connect_redis(NOWHERE)))
    assert sweep(dead) == 0
    # Nothing was marked as offered meanwhile.
    assert sweep(house.context) == 1


@pytest.mark.parametrize(("full", "offered"), [("score", "award"), ("award", "score")])
def test_a_full_queue_keeps_no_work_from_the_other(house: House, store: Store, full: str, offered: str) -> None:
    house.want(store, "award", "order:1")
    house.want(store, "score")
    house.clock.advance(seconds=31)
    house.queue.waiting.clear()
    house.queue.waiting.extend([(1, full)] * 500)
    assert sweep(house.context) == 1
    assert house.queue.waiting[-1][1] == offered


def test_everybody_whom_a_delivery_concerns_is_awarded_at_once(house: House, store: Store) -> None:
    """A review that has passed from one user to another concerns both."""
    for user in (3, 4):
        review = {"id": 7, "customer_id": user, "product_id": 1, "date_created_gmt": "2026-11-22T09:00:00"}
        told = inbox.Delivery(f"msg_{user}", "plugin", "review.created", "review", 7, house.clock(), review)
        with transaction(house.engine) as connection:
            inbox.keep(connection, store.id, told, house.clock())
        house.queue.waiting.clear()
        house.want(store, "ingest", "review:7")
        house.step()
        house.clock.advance(seconds=1)
    subjects = {row.id: row.subject for row in house.owed()}
    assert [subjects[work_id] for work_id, _ in house.queue.waiting] == ["customer:3", "customer:4"]
