"""Money as integer minor units of a currency, parsed from WooCommerce's decimal strings without floats."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# ISO 4217 minor-unit exponents that differ from two.
_EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
# A total beyond this is a typing error or an attack, and would overflow a database's 64-bit integer in sums.
_LARGEST = 10**15


def exponent(currency: str) -> int:
    """Return the number of decimals of an ISO 4217 currency code (2 unless the standard says otherwise)."""
    return _EXPONENTS.get(currency.upper(), 2)


def parse_amount(text: str, currency: str) -> int:
    """Return a decimal string as minor units, rounding half up where the store shows more decimals.

    Raises ValueError for anything that is not a finite plain number of believable size; never guesses.
    """
    try:
        amount = Decimal(text.strip() or "0")
    except (InvalidOperation, AttributeError) as error:
        raise ValueError(f"{text!r} is not an amount of money") from error
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        raise ValueError(f"{text!r} is not a believable amount of money")
    return int(amount.scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def format_amount(minor: int, currency: str) -> str:
    """Return minor units as the plain decimal string WooCommerce writes (``1234`` USD → ``"12.34"``)."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"


def whole_units(minor: int, currency: str) -> int:
    """Return the whole currency units in a non-negative amount, rounding down."""
    return minor // int(10 ** exponent(currency))
