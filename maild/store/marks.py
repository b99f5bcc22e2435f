"""Who is on which case, as a blind index: for the question on which other cases somebody stands. Asked by commands only."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select

from maild.store.keys import Keys
from maild.store.schema import marks
from maild.store.statements import Insertion

_INSERT = Insertion(marks, unless_there=True)
_FORGET = delete(marks).where(marks.c.ticket_id == bindparam("ticket"), marks.c.ref == bindparam("person"))
_TICKETS = (
    select(marks.c.ticket_id).where(marks.c.mark.in_(bindparam("marks", expanding=True))).distinct().order_by(marks.c.ticket_id.desc())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Marks within one transaction. A likeness is a text that is equal for the same person, such as their address."""

    connection: Connection
    keys: Keys

    def put(self, ticket_id: int, *, ref: str, likenesses: Collection[str]) -> None:
        """Somebody on a case is found by these from now on, and by nothing else."""
        self.connection.execute(_FORGET, {"ticket": ticket_id, "person": ref})
        if likenesses:
            _INSERT(self.connection, *({"mark": self._mark(one), "ticket_id": ticket_id, "ref": ref} for one in likenesses))

    def tickets(self, likenesses: Collection[str]) -> list[int]:
        """The cases with somebody who is like that, the newest first."""
        if not likenesses:
            return []
        return list(self.connection.execute(_TICKETS, {"marks": [self._mark(one) for one in likenesses]}).scalars())

    def _mark(self, likeness: str) -> bytes:
        return self.keys.keyring.index("person", likeness)
