"""What is put on the queue: ids, and nothing that would be missed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from connector.db.stores import Store
from connector.queueing import BULK, SWIFT, WorkQueue, connect_redis
from jobs.sweep import sweep
from tests.integration.jobs.house import House

NOWHERE = "redis://127.0.0.1:1"


def test_an_id_waits_on_the_queue_of_its_job_and_carries_nothing_else(redis_url: str, redis_client: Redis) -> None:
    queue = WorkQueue(connect_redis(redis_url))
    assert queue.offer(7, "ingest")
    assert queue.offer(8, "backfill")
    assert queue.length() == 2
    for name, work_id in ((SWIFT, 7), (BULK, 8)):
        (job,) = Queue(name, connection=redis_client, serializer=JSONSerializer).jobs
        assert (job.func_name, list(job.args), job.kwargs) == ("jobs.worker.perform", [work_id], {})


def test_a_queue_out_of_reach_says_so_and_holds_up_nobody() -> None:
    queue = WorkQueue(connect_redis(NOWHERE))
    assert queue.offer(7, "ingest") is False
    with pytest.raises(RedisError):
        queue.length()


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
