"""Why a server cannot be reached, in words for somebody who is no programmer."""

import errno
import socket
import ssl

import pytest

from maild.transport.reach import unreached

PLANTED = "ana@example.org"
REASONS = [
    (ConnectionRefusedError(errno.ECONNREFUSED, PLANTED), "does not listen (Connection refused)", "nothing on that port"),
    (socket.gaierror(socket.EAI_NONAME, PLANTED), "cannot be found by its name (no such name)", "a slip in the name"),
    (socket.gaierror(socket.EAI_AGAIN, PLANTED), "cannot be found by its name (the name server does not answer)", "DNS is down"),
    (socket.gaierror(socket.EAI_FAMILY, PLANTED), "cannot be found by its name", "a rare answer of the resolver"),
    (TimeoutError(PLANTED), "does not answer in time", "our own patience ended"),
    (TimeoutError(errno.ETIMEDOUT, PLANTED), "does not answer in time (Connection timed out)", "the kernel's patience ended"),
    (OSError(errno.ENETUNREACH, PLANTED), "cannot be reached, or broke off (Network is unreachable)", "no network"),
    (ssl.SSLEOFError(8, PLANTED), "cannot be reached, or broke off (SSLEOFError)", "OpenSSL's numbers are not the kernel's"),
    (ConnectionError(PLANTED), "cannot be reached, or broke off", "nothing is known"),
]


@pytest.mark.parametrize(("error", "words", "why"), REASONS, ids=[why for *_, why in REASONS])
def test_the_reason_in_words(error: OSError, words: str, why: str) -> None:
    """What happened, and the system's own word for it; never the text of the exception."""
    assert unreached(error) == words, why
