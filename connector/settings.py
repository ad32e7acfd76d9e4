"""The only reader of the environment: one frozen value that the rest of the connector is handed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """A setting cannot be used. The message says which, and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things live and how many there are of them. Secrets never appear in ``repr``-able logs."""

    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: str | None
    host: str
    port: int
    public_url: str
    workers: int

    @property
    def secret_key_file(self) -> Path:
        """The 0600 file that keeps the encryption key where REGULARS_SECRET_KEY is not set."""
        return self.data_dir / "secret.key"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of this process. Raises SettingsError with a sentence for the operator.

    REGULARS_DATA_DIR   database and key, unless they are set below (``$XDG_DATA_HOME/regulars``)
    REGULARS_DATABASE_URL   SQLAlchemy URL; SQLite in the data directory unless given
    REDIS_URL           Redis or Valkey; unless given, `regulars up` starts one that ends with it and keeps nothing
    REGULARS_SECRET_KEY a Fernet key; generated into a 0600 file in the data directory unless given
    REGULARS_HOST, REGULARS_PORT, REGULARS_PUBLIC_URL, REGULARS_WORKERS
    """
    if environ.get("REDIS_URL") and not environ["REDIS_URL"].startswith(("redis://", "rediss://", "unix://")):
        # Not repeated in the sentence: it may hold a password.
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    data_home = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    data_dir = Path(environ.get("REGULARS_DATA_DIR") or Path(data_home) / "regulars").expanduser().absolute()
    host = environ.get("REGULARS_HOST") or "127.0.0.1"
    port = _whole_number(environ, "REGULARS_PORT", 8700, 1, 65535)
    return Settings(
        data_dir=data_dir,
        database_url=environ.get("REGULARS_DATABASE_URL") or f"sqlite:///{data_dir / 'regulars.db'}",
        redis_url=environ.get("REDIS_URL") or None,
        secret_key=environ.get("REGULARS_SECRET_KEY") or None,
        host=host,
        port=port,
        public_url=(environ.get("REGULARS_PUBLIC_URL") or f"http://{bracketed(host)}:{port}").rstrip("/"),
        workers=_whole_number(environ, "REGULARS_WORKERS", 2, 1, 256),
    )


def bracketed(host: str) -> str:
    """Return a host as addresses write it: an IPv6 one in brackets."""
    return f"[{host}]" if ":" in host else host


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)
