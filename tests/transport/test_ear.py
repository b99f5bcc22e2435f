"""The ear on loopback: hears of our consent, from a browser or from the keyboard, and of nobody else's."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from maild.transport.oauth import Ear, Heard, challenge_of, heard_in

STATE = "s" * 43
GOOD = f"/?state={STATE}&code=the-code"

ADDRESSES = {
    "what a browser asks for": (GOOD, ("the-code", "")),
    "what its address bar shows": (f"http://127.0.0.1:1{GOOD}&scope=https://mail.google.com/ \n", ("the-code", "")),
    "a refusal": (f"/?error=access_denied&state={STATE}", ("", "access_denied")),
    "an empty code": (f"/?code=&state={STATE}&error=x", ("", "x")),
    "somebody else's": ("/?state=other&code=the-code", None),
    "without a state": ("/?code=the-code", None),
    "a state beyond ASCII": ("/?state=%C4%A7&code=the-code", None),
    "neither code nor error": (f"/?state={STATE}", None),
    "an icon": ("/favicon.ico", None),
    "no address": ("what?", None),
    "a broken one": ("http://[::1/?state=x", None),
    "a flood of fields": ("/?" + "a=1&" * 100 + GOOD[2:], None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("address", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_what_an_address_says(address: str, expected: tuple[str, str] | None) -> None:
    """Only what was sent on our behalf counts (RFC 6749 section 10.12)."""
    heard = heard_in(address, state=STATE)
    assert (heard and (heard.code, heard.error)) == expected


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_code_is_not_shown() -> None:
    """What may be printed does not hold it."""
    assert "the-code" not in repr(heard_in(GOOD, state=STATE))


@contextmanager
def listening(
    seconds: float = 20.0, *, keyboard: int | None = None, lines: tuple[str, ...] = ()
) -> Iterator[tuple[Ear, list[Heard | None]]]:
    """An ear that listens in a thread of its own, and what it heard once the block is over."""
    heard: list[Heard | None] = []
    typed = iter(lines)
    with Ear() as ear:

        def hear() -> None:
            heard.append(ear.hear(state=STATE, seconds=seconds, keyboard=keyboard, pasted=lambda: next(typed, "")))

        thread = threading.Thread(target=hear)
        thread.start()
        yield ear, heard
        thread.join()


def visit(ear: Ear, request: bytes) -> bytes:
    """What a browser gets."""
    port = urlsplit(ear.address).port
    with socket.create_connection(("127.0.0.1", port), 10) as browser:
        browser.sendall(request)
        return b"".join(iter(lambda: browser.recv(65536), b""))


def get(address: str) -> bytes:
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def test_a_browser_comes_back() -> None:
    """Its code is heard, and it is thanked; whatever else it asks for is not there."""
    with listening() as (ear, heard):
        assert visit(ear, get("/favicon.ico")).startswith(b"HTTP/1.1 404")
        assert visit(ear, get("/?state=other&code=x")).startswith(b"HTTP/1.1 404")
        assert visit(ear, b"POST " + get(GOOD)[4:]).startswith(b"HTTP/1.1 404")
        assert visit(ear, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 404")
        with suppress(ConnectionError):  # it is not read to its end
            visit(ear, b"GET /" + b"x" * 100_000)
        thanks = visit(ear, get(GOOD))
        assert thanks.startswith(b"HTTP/1.1 200")
        assert b"You may close this window" in thanks
        assert b"Referrer-Policy: no-referrer" in thanks
    assert heard == [Heard(code="the-code", error="")]


def test_a_silent_visitor_is_left() -> None:
    """A connection that a browser opens for later does not keep the one with the code waiting for long."""
    with listening() as (ear, heard), socket.create_connection(("127.0.0.1", urlsplit(ear.address).port)):
        began = time.monotonic()
        visit(ear, get(GOOD))
        assert time.monotonic() - began < 10
    assert heard == [Heard(code="the-code", error="")]


def test_somebody_pastes() -> None:
    """A wrong line is passed over, the right one heard; the browser need not come at all."""
    reading, writing = os.pipe()
    os.write(writing, b"!")
    with listening(keyboard=reading, lines=("what?\n", f"http://127.0.0.1:1{GOOD}\n")) as (_, heard):
        pass
    os.close(writing)
    os.close(reading)
    assert heard == [Heard(code="the-code", error="")]


def test_nobody_sits_at_the_keyboard() -> None:
    """Where input is at its end the browser is waited for."""
    reading, writing = os.pipe()
    os.close(writing)
    with listening(keyboard=reading) as (ear, heard):
        visit(ear, get(GOOD))
    os.close(reading)
    assert heard == [Heard(code="the-code", error="")]


def test_nobody_comes() -> None:
    """The wait has an end."""
    with listening(0.05) as (_, heard):
        pass
    assert heard == [None]
