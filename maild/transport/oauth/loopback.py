"""The ear on loopback: where the browser comes back to when somebody has consented (RFC 8252 section 7.3), or the address is pasted."""

import base64
import hmac
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

LONGEST_LINE: Final = 16 * 1024
"""Bytes of a request, or of a pasted address: another program on this machine may send anything."""
PROMPT: Final = 2.0
"""Seconds for a browser to say what it wants: some open a connection and keep it for later."""
THANKS: Final = "<!doctype html><title>maild</title><p>maild has heard of it. You may close this window."
NOTHING: Final = "<!doctype html><title>maild</title><p>There is nothing here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came back: a code, or the provider's error."""

    code: str = field(repr=False)
    error: str


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def heard_in(address: str, *, state: str) -> Heard | None:
    """What the address says that a browser was sent to; None where it was not sent on our behalf (RFC 6749 section 10.12)."""
    try:
        asked = parse_qs(urlsplit(address.strip()).query, max_num_fields=50)
    except ValueError:
        return None
    first = {name: values[0] for name, values in asked.items()}
    if not hmac.compare_digest(first.get("state", "").encode(), state.encode()) or not first.keys() & {"code", "error"}:
        return None
    return Heard(code=first.get("code", ""), error=first.get("error", "") or ("" if first.get("code") else "invalid_request"))


class Ear:
    """A port of loopback that hears of one consent. Use it in a `with` block."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def hear(self, *, state: str, seconds: float, keyboard: int | None, pasted: Callable[[], str]) -> Heard | None:
        """Wait for the browser, or for the address to be pasted at `keyboard`, whose line `pasted` then gives; None after `seconds`."""
        until = monotonic() + seconds
        poller = select.poll()
        poller.register(self._listener, select.POLLIN)
        if keyboard is not None:
            with suppress(OSError):
                poller.register(keyboard, select.POLLIN)
        while (left := until - monotonic()) > 0:
            for number, _ in poller.poll(left * 1000):
                if number == keyboard:
                    line = pasted()
                    if not line:  # nobody sits there any more
                        poller.unregister(keyboard)
                else:
                    line = self._visited(state)
                if heard := heard_in(line, state=state):
                    return heard
        return None

    def _visited(self, state: str) -> str:
        """Answer one visit; the address it was for, or nothing."""
        with suppress(OSError):
            visit, _ = self._listener.accept()
            with visit:
                visit.settimeout(PROMPT)
                words = _first_line(visit).split()
                address = words[1] if len(words) == 3 and words[0] == "GET" else ""
                good = heard_in(address, state=state) is not None
                visit.sendall(_page("200 OK", THANKS) if good else _page("404 Not Found", NOTHING))
                return address
        return ""


def _first_line(visit: socket.socket) -> str:
    raw = b""
    while b"\r\n\r\n" not in raw and len(raw) < LONGEST_LINE:
        chunk = visit.recv(LONGEST_LINE)
        if not chunk:
            break
        raw += chunk
    return raw.partition(b"\r\n")[0].decode("latin-1")


def _page(status: str, text: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(text)}\r\nConnection: close\r\n"
    return f"{head}Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\r\n{text}".encode()
