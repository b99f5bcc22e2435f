"""Why a server cannot be reached, in words: the same for both wires."""

import os
import socket
import ssl
from typing import Final

_KINDS: Final = (
    (TimeoutError, "does not answer in time"),
    (ConnectionRefusedError, "does not listen"),
    (socket.gaierror, "cannot be found by its name"),
)

_RESOLVER: Final = {
    socket.EAI_NONAME: "no such name",
    socket.EAI_NODATA: "the name has no address",
    socket.EAI_AGAIN: "the name server does not answer",
}
"""getaddrinfo(3)'s answers that an operator meets."""


def unreached(error: OSError) -> str:
    """What happened, with the system's own word for it where there is one: "does not listen (Connection refused)"."""
    text = next((text for kind, text in _KINDS if isinstance(error, kind)), "cannot be reached, or broke off")
    detail = _detail(error)
    return f"{text} ({detail})" if detail else text


def _detail(error: OSError) -> str:
    """From tables of the system, never from the exception's own text, which may hold what it stumbled over."""
    if isinstance(error, ssl.SSLError):  # its numbers are OpenSSL's
        return type(error).__name__
    if isinstance(error, socket.gaierror):
        return _RESOLVER.get(error.errno or 0, "")
    return os.strerror(error.errno) if error.errno else ""
