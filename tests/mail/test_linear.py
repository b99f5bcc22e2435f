"""Nothing in reading is worse than linear: each function on input that is made to hurt its patterns, and on four times as much."""

import struct
import time
from collections.abc import Callable
from itertools import product

import pytest

from maild.mail import authenticity, bounce, charset, heading, kind, parse, prose, roles, text, tnef, trace, uuencode
from maild.mail.authenticity import Form
from maild.mail.fields import fields_of, ids, one_line
from maild.mail.identity import is_loop_mark
from maild.mail.parts import parameters


def tnef_bytes(hostile: str) -> bytes:
    """A TNEF file of hostile attributes."""
    return struct.pack("<IH", tnef.SIGNATURE, 1) + b"\x01" + hostile.encode("latin-1", "replace")


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "fields": lambda hostile: fields_of(hostile.encode()),
    "fields folded": lambda hostile: fields_of(b"a: " + hostile.replace("\n", "\n ").encode()).all("a"),
    "Message-IDs": lambda hostile: ids([hostile]),
    "one line": one_line,
    "encoded words": charset.words,
    "text of bytes": lambda hostile: charset.decode(hostile.encode() + b"\xff", "utf-7"),
    "parameters": lambda hostile: parameters(f"a/b; {hostile}"),
    "uuencode": lambda hostile: uuencode.decoded(b"begin 644 x\n" + hostile.encode()),
    "files in a text": uuencode.taken_out,
    "TNEF": lambda hostile: tnef.contents(tnef_bytes(hostile)),
    "plain people": heading.plain_people,
    "strict From": lambda hostile: authenticity.strict_sender(f"From: {hostile.replace(chr(10), ' ')}\r\n\r\n".encode()),
    "strict headers": lambda hostile: authenticity.strict_sender(hostile.encode() + b"\n\n"),
    "Authentication-Results": lambda hostile: authenticity._results(f"x; {hostile}", Form.RFC8601),
    "Received": lambda hostile: trace.entrance(fields_of(b"received: " + hostile.replace("\n", "\n ").encode()), authserv_id="a.b.example"),
    "DKIM-Signature": lambda hostile: authenticity.partial_signers(
        fields_of(b"dkim-signature: l=1;" + hostile.replace("\n", " ").encode())
    ),
    "loop mark": lambda hostile: is_loop_mark(b"key", hostile),
    "a Subject": lambda hostile: (kind._AUTOMATIC_REPLY.match(hostile), kind._AWAY.match(hostile)),
    "a sender": lambda hostile: (roles.is_unread(hostile), roles.is_unread(f"{hostile}@x")),
    "a file name": lambda hostile: kind._DMARC_REPORT.fullmatch(hostile[:255]),
    "a notice": lambda hostile: (prose.tells_failure(hostile), list(prose.recipients(hostile, prose.split(hostile)[0], own=frozenset()))),
    "an address in a field": prose.address_in,
    "a delay": lambda hostile: prose.tells_delay("", hostile),
    "a lone address": lambda hostile: (prose.singles_out(hostile, own=frozenset()), prose.led(hostile, own=frozenset())),
    "the name of a mail system": bounce._MASTER.search,
    "a header's name": kind._MACHINE_HEADER.fullmatch,
    "addresses": prose.addresses,
    "tags": parse._tags,
    "flowed text": lambda hostile: text.unflowed(hostile, delsp=True),
    "a language": text.language_of,
}
MARKS = [
    "a",
    " ",
    "<",
    ">",
    '"',
    "(",
    ")",
    "=",
    "=?",
    "?",
    ";",
    ":",
    ",",
    "@",
    ".",
    "-",
    "\\",
    "\n",
    "[",
    "]",
    "!",
    "'",
    "*",
    "550 ",
    "by ",
]
HOSTILE = [
    *MARKS,
    *("".join(pair) for pair in product(["a", " ", "<", '"', "(", "=", ";", "[", "@", "\n"], repeat=2)),
    "deliver a ",
    '"\\\\',
    "begin 644 x\n",
    "begin 644 x\n`\nend\n",
    "\u0002\u0090\u0006\0\0\0\0\0\0\0\0",
    "=?a?q?",
    "[a] ",
]


def spent(function: Callable[[str], object], hostile: str) -> float:
    """Seconds of processor time, the better of two tries."""
    times = []
    for _ in range(2):
        started = time.process_time()
        function(hostile)
        times.append(time.process_time() - started)
    return min(times)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_four_times_the_input_costs_no_more_than_ten_times_the_time(function: Callable[[str], object]) -> None:
    """However the input repeats itself, time grows with its length and not with the square of it."""
    for piece in HOSTILE:
        short, long = ((piece * size)[:size] for size in (4_000, 16_000))
        assert spent(function, long) < 10 * spent(function, short) + 0.03, repr(piece)
