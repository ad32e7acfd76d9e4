"""The addresses a store hands over: one spelling of each site, encrypted ways only, and none of somebody else's."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from connector.web.problems import Problem

# Printable ASCII without what clients rewrite before they send: a path must mean the same to them as to us.
_PLAIN: Final = re.compile(r"[!-~]+", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class StoreAddresses:
    """``site_url`` without a slash at its end, ``rest_url`` with one."""

    site_url: str
    rest_url: str


def store_addresses(site_url: str, rest_url: str) -> StoreAddresses:
    """Return both addresses in their one spelling.

    The REST address must lie under the site's: otherwise whoever holds a key of one site could pair as another.
    Raises Problem validation_failed, or https_required where either would travel in the clear to another machine.
    """
    site, rest = _split("site_url", site_url), _split("rest_url", rest_url)
    for field, address in (("site_url", site), ("rest_url", rest)):
        if address.scheme == "http" and not _is_loopback(address.hostname or ""):
            raise Problem(
                "https_required",
                f"The store's {field} begins with http://. Its key and its customers' data need https://.",
            )
    home = _origin(site) + site.path.rstrip("/")
    endpoint = _origin(rest) + rest.path.rstrip("/") + "/"
    if not endpoint.startswith(home + "/"):
        raise _invalid("rest_url", "Must lie under site_url.")
    return StoreAddresses(home, f"{endpoint}?{rest.query}" if rest.query else endpoint)


def same_site(home: str, site_url: str) -> bool:
    """Say whether a site's own address names the site that pairs. The scheme may differ behind a proxy."""
    try:
        told, asked = urlsplit(home), urlsplit(site_url)
        return (told.hostname, told.port, told.path.rstrip("/")) == (asked.hostname, asked.port, asked.path)
    except ValueError:
        return False


def _split(field: str, text: str) -> SplitResult:
    if not _PLAIN.fullmatch(text) or "\\" in text:
        raise _invalid(field, "Must be a web address in printable ASCII.")
    try:
        address = urlsplit(text)
        port_is_valid = address.port != 0
    except ValueError:
        raise _invalid(field, "Not a web address.") from None
    if address.scheme not in _DEFAULT_PORTS or not port_is_valid or not _is_host(address.hostname or ""):
        raise _invalid(field, "Must begin with https:// and name a host.")
    if address.username is not None or address.fragment:
        raise _invalid(field, "Must not hold a password or a fragment.")
    if any(part in {".", ".."} for part in address.path.lower().replace("%2e", ".").split("/")):
        raise _invalid(field, "Must not climb through folders.")
    return address


def _origin(address: SplitResult) -> str:
    host = address.hostname or ""
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    port = address.port
    suffix = "" if port is None or port == _DEFAULT_PORTS[address.scheme] else f":{port}"
    return f"{address.scheme}://{host}{suffix}"


def _is_host(host: str) -> bool:
    return _HOST.fullmatch(host) is not None or (":" in host and "%" not in host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _invalid(field: str, sentence: str) -> Problem:
    return Problem("validation_failed", f"The {field} is wrong. {sentence}", errors={field: [sentence]})
