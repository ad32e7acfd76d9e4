"""One-time codes that let a store pair: only their hashes are kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from connector.db.tables import pairing_codes

LIFETIME = timedelta(minutes=15)
# Letters and digits that are not mistaken for one another when read aloud or typed.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class CodeRefused(Exception):
    """The code is unknown, used or too old. ``expired`` says which of the last two it is not."""

    def __init__(self, sentence: str, *, expired: bool) -> None:
        """Keep the sentence for the owner."""
        super().__init__(sentence)
        self.expired = expired


def issue(connection: Connection, now: datetime) -> str:
    """Store a new code and return it: twelve characters in three groups, good for 15 minutes and one pairing."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    connection.execute(
        insert(pairing_codes).values(code_hash=_hash(letters), created_at=now, expires_at=now + LIFETIME)
    )
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def check(connection: Connection, code: str, now: datetime) -> int:
    """Return the id of a code that may still be used. Raises CodeRefused."""
    row = connection.execute(select(pairing_codes).where(pairing_codes.c.code_hash == _hash(code))).one_or_none()
    if row is None or row.used_at is not None:
        raise CodeRefused(
            "This pairing code is not known or was used already. Run `regulars pair` for a new one.", expired=False
        )
    if row.expires_at <= now:
        raise CodeRefused("This pairing code has expired. Run `regulars pair` for a new one.", expired=True)
    return int(row.id)


def use(connection: Connection, code_id: int, now: datetime) -> None:
    """Use a code up. Raises CodeRefused where another pairing used it first."""
    used = connection.execute(
        update(pairing_codes)
        .where(pairing_codes.c.id == code_id, pairing_codes.c.used_at.is_(None))
        .values(used_at=now)
    )
    if not used.rowcount:
        raise CodeRefused("This pairing code was used already. Run `regulars pair` for a new one.", expired=False)


def _hash(code: str) -> str:
    """Hash a code without its dashes, spaces and case. Sixty random bits need no slow hash."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(letters.encode()).hexdigest()
