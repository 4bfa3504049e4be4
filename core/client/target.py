"""The URL of a server, as people type it, to the one form the client uses."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from llmx.core.errors import ConfigError

WANTED = "wanted something like http://127.0.0.1:8081"
ENDINGS = (
    "/chat/completions",
    "/messages",
    "/responses",
    "/v1",
)  # what people paste


@dataclass(frozen=True, slots=True)
class Target:
    base: str  # scheme, host, port and perhaps a path; no `/v1`, no slash at the end
    host: str  # an IPv6 address without its brackets
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether a request stays on this machine. A name that is not `localhost` may not."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified

    def url(self, path: str) -> str:
        """`path` begins with a slash."""
        return self.base + path


def parse_target(url: str) -> Target:
    """With or without scheme, `/v1` and slashes at the end. Raises `ConfigError`."""
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
        _ = httpx.URL(text).host  # reading it checks a name of other than ASCII letters
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigError(f"{url!r} is no URL: {error}; {WANTED}") from error
    if parts.scheme not in ("http", "https"):
        raise ConfigError(f"{url!r} has the scheme {parts.scheme!r}; {WANTED}")
    if not parts.hostname or any(character.isspace() for character in parts.netloc):
        raise ConfigError(f"{url!r} names no host; {WANTED}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(f"the URL may hold no user, query or fragment; {WANTED}")
    path = parts.path.rstrip("/")
    for ending in ENDINGS:
        path = path.removesuffix(ending).rstrip("/")
    usual = 443 if parts.scheme == "https" else 80
    return Target(f"{parts.scheme}://{parts.netloc}{path}", parts.hostname, port or usual)
