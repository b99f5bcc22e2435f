"""The daemon's side of the reader child: a mail goes in, a `Message` comes out, and whatever is in the mail hurts only the child."""

import os
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

import maild
from maild.errors import Unreadable
from maild.mail.body import Body
from maild.mail.fields import fields_of
from maild.mail.heading import message_of, plain_people
from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.scan import scan
from maild.mail.wire import ask, pack_own, unpack

DEADLINE = 15.0
"""Seconds for one mail, the child's start included: three attempts stay below the minute that other mails may have to wait (P-10)."""
FRESH_AFTER = 1024 * 1024
"""Bytes of a mail after which the next one gets a fresh child: a big mail leaves its memory behind."""
ANSWER_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer; no message within the limits of `text` comes near, an endless one would fill the daemon."""
_PIECE = 64 * 1024

_HEADERS_WITHIN = 1024 * 1024
"""Bytes in which the daemon itself looks for headers. Stops: 25 MiB of them, for which everything else would wait two seconds."""

HEADERS_ONLY = "the reader child died on it; read from its headers only"
"""The defect of a mail whose body nobody could read."""

_HOUSE = str(Path(maild.__file__).parent.parent)
_START = "import sys; sys.path.append(sys.argv[1]); from maild.mail.reader import main; main()"
"""What `-m maild.mail.reader` does, with the directory this program came from: `-I` finds no checkout that is not installed."""
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
"""All of the environment that the child gets: the rest may hold passwords."""


class Reader:
    """The reader child: started with the first mail, and again whenever it has died. Serves one thread."""

    def __init__(self, own: Own, *, deadline: float = DEADLINE) -> None:
        self.own = own
        self._deadline = deadline
        self._child: subprocess.Popen[bytes] | None = None

    def wake(self) -> None:
        """Start the child where there is none, so that the first mail need not wait for it."""
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = self._started()

    def read(self, raw: bytes) -> Message:
        """Read one mail. Raises `Unreadable` where the child died of it, overran a limit, or said that it cannot be read."""
        try:
            message = unpack(self._exchange(raw))
        except OSError:
            self.close()
            raise Unreadable("The reader child died on a message.") from None
        except Unreadable:
            self.close()
            raise
        if len(raw) > FRESH_AFTER:
            self.close()
        return message

    @property
    def pid(self) -> int | None:
        """The child's process; None where there is none."""
        return self._child.pid if self._child else None

    def close(self) -> None:
        """End the child. May be called twice; the next `read` starts another."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in filter(None, (self._child.stdin, self._child.stdout)):
                pipe.close()
            self._child = None

    def command(self) -> list[str]:
        """How the child is started: isolated from the environment, the user's site-packages and the current directory."""
        return [sys.executable, "-I", "-c", _START, _HOUSE]

    def _exchange(self, raw: bytes) -> bytes:
        """Send one mail and wait for its line, both within the deadline: the child may stop reading, and it may never answer."""
        until = monotonic() + self._deadline
        child_in, child_out = self._pipes()
        pending = memoryview(ask(raw) + raw)
        answer = bytearray()
        ready = select.poll()
        ready.register(child_out, select.POLLIN)
        ready.register(child_in, select.POLLOUT)
        while not answer.endswith(b"\n") and len(answer) < ANSWER_LIMIT:
            events = dict(ready.poll(max(0.0, until - monotonic()) * 1000))
            if not events:
                raise Unreadable("The reader child did not answer in time.")
            if child_in in events:
                pending = pending[os.write(child_in, pending[:_PIECE]) :]
                if not pending:
                    ready.unregister(child_in)
            if child_out in events:
                answer += self._received(child_out)
        return bytes(answer)

    def _received(self, child_out: int) -> bytes:
        piece = os.read(child_out, _PIECE)
        if not piece:
            raise Unreadable("The reader child died on a message.")
        return piece

    def _pipes(self) -> tuple[int, int]:
        """The child's standard input and output."""
        self.wake()
        assert self._child
        assert self._child.stdin
        assert self._child.stdout
        return self._child.stdin.fileno(), self._child.stdout.fileno()

    def _started(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            self.command(),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            process_group=0,
        )
        assert child.stdin
        with suppress(BrokenPipeError):  # That it is dead already is found out by the first mail.
            child.stdin.write(pack_own(self.own))
        os.set_blocking(child.stdin.fileno(), False)
        return child


def from_headers(raw: bytes, *, own: Own) -> Message:
    """What the header block alone tells of a mail on which the child keeps dying. Never raises.

    Only code of our own looks at it, and only at the header block within its bounds; addresses out of the ordinary stay unread.
    """
    scanned = scan(raw[:_HEADERS_WITHIN])
    defects = (*scanned.defects, HEADERS_ONLY)
    fields = fields_of(scanned.head, below=scanned.body)
    body = Body(report_type="unread" if "multipart/report" in fields.first("content-type").lower() else "")
    return message_of(raw, fields=fields, own=own, people=lambda value: plain_people(value) or (), body=body, defects=defects)
