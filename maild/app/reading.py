"""A reader without a house: for `maild inspect`, which needs no configuration."""

from collections.abc import Iterator
from contextlib import contextmanager

from maild.mail.identity import Own
from maild.mail.reading import Reader


@contextmanager
def fresh_reader() -> Iterator[Reader]:
    """A reader child that knows no mailbox, no staff and no authserv-id."""
    reader = Reader(Own(mailbox="reports@maild.invalid"))
    try:
        yield reader
    finally:
        reader.close()
