"""Money as integer minor units of a currency, parsed from WooCommerce's decimal strings without floats."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

# ISO 4217 minor-unit exponents that differ from two.
_EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
# A total beyond this is a typing error or an attack, and would overflow a database's 64-bit integer in sums.
_LARGEST: Final = 10**15
# PHP writes very small numbers with an exponent.
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(E[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)


def exponent(currency: str) -> int:
    """Return the number of decimals of an ISO 4217 currency code (2 unless the standard says otherwise)."""
    return _EXPONENTS.get(currency.upper(), 2)


def parse_amount(text: str, currency: str) -> int:
    """Return a decimal string as minor units, rounding half up where the store shows more decimals.

    Raises ValueError for anything that is not a number of believable size; never guesses.
    """
    try:
        number = _NUMBER.fullmatch(text.strip() or "0")
    except AttributeError as error:
        raise ValueError(f"{text!r} is not an amount of money") from error
    if number is None:
        raise ValueError(f"{text!r} is not an amount of money")
    amount = Decimal(number[0])
    if abs(amount) >= _LARGEST:
        raise ValueError(f"{text!r} is not a believable amount of money")
    places = exponent(currency)
    # Rounded first and scaled then: scaling rounds too, to the 28 digits that decimals are calculated with.
    return int(amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP).scaleb(places))


def average(total: int, count: int) -> int:
    """Return total / count in whole minor units, half a unit rounded up; exact for totals of any size."""
    return (2 * total + count) // (2 * count)


def format_amount(minor: int, currency: str) -> str:
    """Return minor units as the plain decimal string WooCommerce writes (``1234`` USD → ``"12.34"``)."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"
