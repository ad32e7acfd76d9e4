"""The pooled connections to one store."""

from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter


class StoreSession(requests.Session):
    """Keeps connections to a store open, and neither follows redirects nor keeps cookies.

    ``allow_redirects=False`` alone is not enough: requests still reads the whole body of a redirect and works out the
    next request, and a malformed Location raises. Nothing is repeated here, because a repeated request has to be
    signed anew. Cookies would tie us to one cached variant of the store, or to a visitor's session.
    """

    def __init__(self) -> None:
        super().__init__()
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=4, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Every answer is final."""
        return
