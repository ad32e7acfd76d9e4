"""Who a customer is: a registered user, else a guest known by normalised billing e-mail."""

import unicodedata


def normalise_email(text: str | None) -> str | None:
    """Return the address in the one form we compare by, or None where there is no usable address.

    Case and surrounding space carry no meaning in a shop's addresses, and WordPress lower-cases them when it
    looks a user up. Dots and plus-tags do carry meaning for some providers, so they stay. Nobody can have an address
    under .invalid (RFC 2606): WordPress puts deleted@site.invalid in the place of everybody's that it anonymises.
    """
    if text is None:
        return None
    email = unicodedata.normalize("NFC", text).strip().lower()
    local, at, host = email.rpartition("@")
    usable = at and local and host and email.isprintable() and " " not in email
    return email if usable and not host.endswith(".invalid") else None
