"""Loopback ports for servers that have to be told theirs before they start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """A port that is nobody else's for as long as the block lasts, however often its server starts again.

    It is bound without listening. Linux lets a server that sets SO_REUSEADDR, as they all do, bind it as well, and
    gives it to nobody who asks for any port.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])
