"""What can go wrong with a store, decided once at the boundary: come back later, or a person has to act."""


class ShopError(Exception):
    """Anything a store did not do for us. ``str()`` is a sentence for people, without secrets or personal data."""


class ShopUnavailable(ShopError):
    """The store cannot answer now; the same request may succeed later.

    ``retry_after`` is what the store asked for, in seconds, or None. ``reason`` is one of ``unreachable``, ``tls``,
    ``timeout``, ``rate_limited``, ``blocked``, ``server_error``, ``broken_answer``. ``status`` is the HTTP status, if
    there was one. After a write nobody knows whether the store has done it: repeat it, every write here allows that.
    """

    def __init__(
        self, sentence: str, *, reason: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after

    @property
    def overwhelmed(self) -> bool:
        """Whether asking for less at once may help: the store took too long, or fell over it."""
        return self.reason == "timeout" or self.status in (500, 502, 504)


class ShopRefused(ShopError):
    """The store answered no, and will go on saying no until somebody changes something.

    ``code`` is WooCommerce's own error code, or one of ours: ``redirect``, ``answer_too_large``, ``password_wall``,
    ``plain_permalinks``, ``address_invalid``, ``http_<status>``. ``message`` is what the store said.
    """

    def __init__(self, sentence: str, *, status: int, code: str, message: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.message = message


class PayloadError(ShopError):
    """A body is not what wc/v3 says it is; reading it again will not help. ``fields`` names what is wrong."""

    def __init__(self, sentence: str, *, fields: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.fields = fields
