"""Every job has a handler, a queue, and a lease short enough for what is promised about killed workers."""

from __future__ import annotations

from datetime import timedelta

from connector.queueing import BULK, JOB_KINDS, LEASE, PERFORM, SWIFT
from jobs import worker
from jobs.schedule import SCHEDULE


def test_what_can_be_queued_can_be_done():
    assert worker.HANDLERS.keys() == JOB_KINDS.keys()


def test_the_queue_names_a_function_that_exists():
    assert f"{worker.perform.__module__}.{worker.perform.__name__}" == PERFORM


def test_a_dead_workers_job_is_free_and_swept_within_ninety_seconds():
    sweep = next(periodic for periodic in SCHEDULE if periodic.name == "sweep")
    offered_again = timedelta(seconds=30)
    assert max(LEASE, offered_again) + 2 * sweep.every < timedelta(seconds=90)


def test_long_jobs_do_not_stand_before_short_ones():
    queues = {job: kind.queue for job, kind in JOB_KINDS.items()}
    assert {job for job, queue in queues.items() if queue == BULK} == {
        "backfill",
        "catalogue",
        "celebrate",
        "issue",
        "recount",
        "report",
        "score",
        "settle_due",
        "simulate",
    }
    assert queues["ingest"] == queues["award"] == queues["write_back"] == SWIFT
