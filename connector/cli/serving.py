"""Commands that run until they are told to stop: everything together, or each part by itself."""

import signal
import socket
from threading import Event

import click
from redis.exceptions import RedisError

from connector.cli.process import command_context, fail, prepare_database, told_plainly
from connector.settings import Settings, load_settings


@click.command()
@told_plainly
def up() -> None:
    """Run web, workers and scheduler together.

    Without REDIS_URL an embedded Valkey is started too. Ctrl-C or SIGTERM ends everything in order: what is at hand
    is finished, what waits is kept and taken up at the next start.
    """
    from connector.supervisor import supervise

    settings = load_settings()
    _require_free_port(settings)
    with command_context(settings):
        pass  # a wrong database or key is said here, once, and not by every part
    raise SystemExit(supervise(settings))


@click.command(short_help="Run the web part alone.")
@told_plainly
def web() -> None:
    """Run the web part alone (gunicorn)."""
    from connector.serve import serve

    settings = load_settings()
    _require_free_port(settings)
    prepare_database(settings)
    serve(settings)


@click.command()
@click.option("--burst", is_flag=True, help="End when the queue is empty instead of waiting for more.")
@told_plainly
def worker(burst: bool) -> None:
    """Run one worker alone. Needs REDIS_URL; start as many as you have cores to spare, on any machine."""
    from jobs.worker import run_worker

    settings = load_settings()
    redis_url = _needed_redis(settings, "worker")
    prepare_database(settings)
    try:
        run_worker(redis_url, burst=burst)
    except RedisError as error:
        fail(f"Redis does not answer ({type(error).__name__}). Start it, or correct REDIS_URL. No work is lost.")


@click.command(short_help="Run the scheduler alone.")
@told_plainly
def scheduler() -> None:
    """Run the scheduler alone: it sweeps up work that waits and asks for the nightly scoring. Needs REDIS_URL."""
    from jobs.schedule import run_scheduler
    from jobs.worker import make_context

    settings = load_settings()
    redis_url = _needed_redis(settings, "scheduler")
    prepare_database(settings)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run_scheduler(make_context(settings, redis_url), stop)


def _require_free_port(settings: Settings) -> None:
    """Say in one sentence what the server would say again and again."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            fail(
                f"Nothing can listen on {settings.host}, port {settings.port} ({error.strerror or error}). "
                "Set REGULARS_HOST or REGULARS_PORT, or end what is there."
            )


def _needed_redis(settings: Settings, part: str) -> str:
    if settings.redis_url is None:
        fail(f"`regulars {part}` needs REDIS_URL. To run everything on one machine without it, use `regulars up`.")
    return settings.redis_url
