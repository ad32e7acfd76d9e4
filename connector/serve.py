"""The web part under gunicorn: one process of threads, because a delivery is one short write."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from connector.app import create_app
from connector.settings import Settings, bracketed


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn our options instead of its command line."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application inside the worker, where its connections belong."""
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests at hand are finished first."""
    _Server(
        settings,
        {
            "bind": f"{bracketed(settings.host)}:{settings.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": 16,
            "graceful_timeout": 20,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "regulars-web",
        },
    ).run()
