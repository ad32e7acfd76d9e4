"""Encryption at rest for store keys and secrets (Fernet: AES-128-CBC with HMAC-SHA256)."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class VaultError(Exception):
    """The key is missing, malformed or not the one the data was encrypted with."""


class Vault:
    """Encrypts and decrypts short secrets with one key."""

    def __init__(self, key: str) -> None:
        """Take a Fernet key. Raises VaultError where it is none."""
        try:
            self._fernet = Fernet(key)
        except ValueError as error:
            raise VaultError(
                "REGULARS_SECRET_KEY is not a Fernet key (32 bytes, URL-safe base64). "
                "Unset it to have one generated, or set the one this database was made with."
            ) from error

    def seal(self, secret: str) -> bytes:
        """Return the secret encrypted."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Return the secret. Raises VaultError where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise VaultError(
                "A stored secret cannot be decrypted with this key. Set REGULARS_SECRET_KEY to the key this "
                "database was made with, or pair the store again."
            ) from error


def open_vault(secret_key: str | None, key_file: Path) -> Vault:
    """Return the vault of ``secret_key``, else of the key file, which is made (0600) where there is none yet.

    Processes that start together end up with the same key. Raises VaultError where there is one that is none.
    """
    if secret_key:
        return Vault(secret_key)
    if not key_file.exists():
        _make_key(key_file)
    try:
        return Vault(key_file.read_text().strip())
    except VaultError as error:
        raise VaultError(
            f"{key_file} does not hold an encryption key. Restore it from a backup, or remove it to have a new one "
            "made and pair every store again."
        ) from error


def _make_key(key_file: Path) -> None:
    """Write a key under another name first: the file must never be seen empty, nor replaced once it is there."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f"{key_file.name}.", dir=key_file.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, key_file)
    finally:
        Path(draft).unlink()
