"""Which clients may send requests, and how much of the service one client may use."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from showtell_lib.serve import problems
from showtell_lib.serve.problems import Problem

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
ANY = "*"
# IPv6 addresses that share this many bits are one client, since a client has 2^64 addresses.
IPV6_CLIENT_BITS = 64


def client_of(address: str | None) -> str:
    """The client that an address belongs to."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), IPV6_CLIENT_BITS), strict=False))


class Shares:
    """Counts the uploads of each client, and gives no client more than its share."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def one_more(self, address: str | None) -> Iterator[None]:
        """Counts one more upload of a client until the block ends.

        Raises:
            Problem: 429, the client has its share already.
        """
        client = client_of(address)
        if self._held[client] >= self._most:
            detail = f"you are sending {self._most} photos already; wait until one has arrived"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail)
        self._held[client] += 1
        try:
            yield
        finally:
            self._held[client] -= 1
            self._held += Counter()  # Forgets clients without uploads.


class TrustedHosts:
    """ASGI middleware that refuses requests which do not address this service by its names.

    Any web page can make its visitor's browser send requests to services on the visitor's own
    machine. The browser then names the host (the page's owner may point a name at any address) and
    the page that the request comes from.

    Args:
        app: what answers the requests.
        hosts: names and addresses of this service, without ports; `*` is any.
    """

    def __init__(self, app: Any, hosts: Iterable[str]) -> None:
        self._app, self._hosts = app, frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        answer = None if scope["type"] != "http" else self._refusal(Headers(scope=scope))
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> Any:
        if ANY in self._hosts:
            return None
        if _name_in(f"//{headers.get('host', '')}") not in self._hosts:
            detail = "this service does not have that name; start it with --allow-host NAME"
            return problems.answer(HTTPStatus.MISDIRECTED_REQUEST, detail)
        origin = headers.get("origin")
        if origin is not None and _name_in(origin) not in self._hosts:
            detail = "sent by a page of another host; start the service with --allow-host NAME"
            return problems.answer(HTTPStatus.FORBIDDEN, detail)
        return None


def _name_in(address: str) -> str | None:
    """The host in an address, in lower case and without its port; None if it names none."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
