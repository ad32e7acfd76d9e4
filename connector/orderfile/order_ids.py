"""Order ids as whole numbers: those that are numbers as themselves, all others numbered as they appear."""

from __future__ import annotations

from connector.domain.arrays import Ints
from connector.orderfile.chunks import NOTHING, Texts

NO_ORDER = -(2**62)
_DIGITS = 18


class OrderIds:
    """Two ids get the same number exactly where they are written alike, a leading # aside."""

    def __init__(self) -> None:
        self._others: dict[str, int] = {}

    def number(self, texts: Texts) -> Ints:
        """One number a row, NO_ORDER where nothing is written."""
        return texts.each(self._one)

    def _one(self, text: str) -> int:
        if not (text.isdigit() and text.isascii() and text[0] != "0" and len(text) <= _DIGITS):
            text = text.strip().removeprefix("#")
            if text in NOTHING:
                return NO_ORDER
            if not (text.isdigit() and text.isascii() and text[0] != "0" and len(text) <= _DIGITS):
                return self._others.setdefault(text, -1 - len(self._others))
        return int(text)
