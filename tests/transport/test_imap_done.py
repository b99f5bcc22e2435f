"""Flagging and moving what is kept, on servers that lack what it takes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from maild.transport.imap import ImapMailbox
from tests.servers.dovecot import Account, Dovecot
from tests.servers.scripted_imap import RAW, ScriptedImap, says
from tests.transport.imap_rig import looked_at
from tests.transport.test_imap_dovecot import dovecot_settings

DONE = "maild/Done"

NAMES = """\
namespace inbox {
  prefix = INBOX.
  separator = .
}
"""


@contextmanager
def on(extra: str) -> Iterator[tuple[Account, ImapMailbox]]:
    """A mailbox on a Dovecot of this shape, its INBOX open."""
    server = Dovecot(extra=extra)
    try:
        account = server.start().account()
        mailbox = ImapMailbox(dovecot_settings(server, account, tls="none", read_only=False))
        mailbox.select("INBOX")
        yield account, mailbox
        mailbox.close()
    finally:
        server.remove()


def raws(account: Account, folder: str) -> list[bytes]:
    return [raw for _, _, raw in account.messages(folder)]


def test_a_server_without_move_copies_and_expunges() -> None:
    """By UID: what somebody else has marked as deleted stays."""
    with on("imap_capability = IMAP4rev1 IDLE UIDPLUS NAMESPACE") as (account, mailbox):
        kept, deleted = account.append(RAW), account.append(b"Subject: other\r\n\r\n", flags=[b"\\Deleted"])
        assert mailbox.put_away([kept], folder=DONE) == ""
        assert (raws(account, DONE), [uid for uid, _, _ in account.messages()]) == ([RAW], [deleted])
        assert account.messages(DONE)[0][1] in ((), (b"\\Recent",))


def test_a_server_without_move_and_uidplus_moves_nothing() -> None:
    """A bare EXPUNGE would take other mails with it, so the answer is a sentence with the way out."""
    with on("imap_capability = IMAP4rev1 IDLE") as (account, mailbox):
        uid = account.append(RAW)
        refusal = mailbox.put_away([uid], folder=DONE)
        assert refusal.startswith("The IMAP server localhost:")
        assert refusal.endswith('has neither MOVE nor UIDPLUS, so no mail can be moved safely; write after = "flag" or "keep" in [imap].')
        assert raws(account, "INBOX") == [RAW]
        assert mailbox.put_away([uid], folder=None) == ""


def test_asking_makes_no_folder() -> None:
    """Without mails it is only whether it could be done."""
    with on("") as (account, mailbox):
        assert mailbox.put_away([], folder=DONE) == ""
        with account._session() as session:
            assert not session.folder_exists(DONE)


@pytest.mark.parametrize("capability", ["", "imap_capability = IMAP4rev1 IDLE MOVE UIDPLUS"], ids=["NAMESPACE", "only its delimiter"])
def test_a_folder_is_called_as_the_host_calls_folders(capability: str) -> None:
    """`maild/Done` is `INBOX.maild.Done` where folders are named so, and a name written that way is taken as it is."""
    with on(NAMES + capability) as (account, mailbox):
        assert mailbox.put_away([account.append(RAW)], folder=DONE if not capability else "INBOX/maild/Done") == ""
        assert mailbox.put_away([account.append(RAW)], folder="INBOX.maild.Done") == ""
        assert raws(account, "INBOX.maild.Done") == [RAW, RAW]


def test_a_refusal_leaves_the_folder_open() -> None:
    """A folder that cannot be made is no reason to stop reading mail."""
    with on("") as (account, mailbox):
        uid = account.append(RAW)
        assert mailbox.put_away([uid], folder="a/../b").endswith("refuses to move mails to 'a/../b'.")
        assert list(mailbox.uids_above(0)) == [uid]


SELECTED = (b"1 EXISTS", b"OK [UIDVALIDITY 7] valid")

PERMANENT = [
    ((rb"OK [PERMANENTFLAGS (\Seen \Deleted)] limited",), False, "fixed flags"),
    ((rb"OK [PERMANENTFLAGS ()] none",), False, "none at all"),
    ((rb"OK [PERMANENTFLAGS (\Seen \*)] any",), True, "any keyword"),
    ((rb"OK [PERMANENTFLAGS (\Seen $maildDONE)] this",), True, "this very keyword"),
    ((), True, "nothing said"),
]


@pytest.mark.parametrize(("told", "kept", "why"), PERMANENT, ids=[why for *_, why in PERMANENT])
def test_which_flags_a_folder_keeps(told: tuple[bytes, ...], kept: bool, why: str) -> None:
    """Where the keyword would be lost it is not set, and the sentence says what to write instead."""
    turns = {"SELECT": says(*SELECTED, *told), "STORE": says()}
    with ScriptedImap(turns=turns) as server, looked_at(server, read_only=False) as mailbox:
        refusal = mailbox.put_away([1], folder=None)
        assert mailbox.put_away([], folder=None) == refusal
    assert bool(refusal) == (not kept)
    assert refusal == "" or refusal.endswith('keeps no keywords in this folder; write after = "move" or "keep" in [imap].')
    stored = [line.split(b" ", 2)[2] for line in server.heard if b" STORE " in line]
    assert stored == ([b"STORE 1 +FLAGS.SILENT ($MaildDone)\r\n"] if kept else [])


def test_a_store_that_is_refused() -> None:
    """The reason is a sentence, and the connection stays as it is."""
    turns = {"SELECT": says(*SELECTED), "STORE": says(status=b"NO quota")}
    with ScriptedImap(turns=turns) as server, looked_at(server, read_only=False) as mailbox:
        assert mailbox.put_away([1], folder=None).endswith("refuses to flag mails.")
        assert list(mailbox.uids_above(0)) == [1]
    assert server.connections == 1


def test_a_folder_that_may_only_be_read_is_read() -> None:
    """It can be taken in from, and nothing can be flagged."""
    turns = {"SELECT": says(*SELECTED, status=b"OK [READ-ONLY] look"), "STORE": says(status=b"NO read-only")}
    with ScriptedImap(turns=turns) as server, looked_at(server, read_only=False) as mailbox:
        assert list(mailbox.uids_above(0)) == [1]
        assert mailbox.put_away([1], folder=None) != ""


def test_many_are_moved_in_portions() -> None:
    """No line to the server grows without bound, and each mail is named once."""
    uids = list(range(1, 1201))
    found = b"SEARCH " + b" ".join(b"%d" % uid for uid in uids)
    turns = {"SELECT": says(*SELECTED), "SEARCH": says(found), "CREATE": says(), "SUBSCRIBE": says(), "MOVE": says()}
    with (
        ScriptedImap(turns=turns, capabilities=b"IMAP4rev1 MOVE") as server,
        looked_at(server, read_only=False, operation_timeout=5) as mailbox,
    ):
        assert mailbox.put_away(uids, folder=DONE) == ""
    moves = [line.split()[3].split(b",") for line in server.heard if b" MOVE " in line]
    assert [int(uid) for some in moves for uid in some] == uids
    assert max(map(len, moves)) <= 500
