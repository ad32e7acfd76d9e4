"""Coupon codes: drawn by lot, and committed before the store hears of them."""

import secrets

# Lower-case, because that is how WooCommerce stores codes; no letters that are mistaken for one another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_code() -> str:
    """Return a code that nobody guesses (59 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))
