"""SIGTERM while a mail server hangs: maild ends within ten seconds, with nothing half done, and goes on there the next time."""

from collections.abc import Callable
from threading import Event

import pytest

from tests.servers.scripted_imap import Peer, ScriptedImap
from tests.servers.scripted_smtp import Conversation, Over, ScriptedSmtp
from tests.transport.imap_rig import only_for_bodies
from tests.whole.stage import Stage, eventually

IN_CLEAR = {"smtp_tls": "none", "tls": "none"}


def test_a_hung_fetch(stage: Stage) -> None:
    """The IMAP server stops in the middle of a mail: it is broken off at once, and the mail is fetched by the next start."""
    reached = Event()

    def hangs(peer: Peer, line: bytes) -> None:
        peer.say(b"* 1 FETCH (UID 1 BODY[]<0> {10000}\r\nFrom: ana")
        reached.set()
        peer.stopped.wait(60)

    with ScriptedImap(turns={"FETCH": only_for_bodies(hangs)}) as server:
        stage.configure(imap_port=server.port, tls="none")
        stage.start()
        assert reached.wait(30)
        assert stage.stop() < 5
        assert stage.status()["cases"] == {}
        stage.start()
        eventually(lambda: sum(stage.status()["cases"].values()) == 1)
        assert stage.stop() <= 10


@pytest.mark.parametrize("verb", ["MAIL", "dot"])
def test_a_hung_dialogue(build: Callable[..., Stage], verb: str) -> None:
    """The SMTP server falls silent. Before its final dot a letter was surely not sent; after it nobody knows, and the same bytes go again."""
    stage, reached = build(extra="[limits]\nuncertain_after_minutes = 0\n"), Event()

    def hang(conversation: Conversation) -> None:
        reached.set()
        conversation.over.wait()
        raise Over

    stage.account.append(stage.mail("kim@reporter.test", "Somebody shouted at me."))
    with ScriptedSmtp({verb: hang}) as server:
        stage.configure(smtp_port=server.port, smtp_tls="none")
        stage.start()
        assert reached.wait(30)
        assert stage.stop() <= 10
        unsent = stage.status()["unsent_letters"]
    assert unsent == 3  # the receipt, and a notice for each of staff
    stage.configure()
    stage.start()
    stage.await_letters("kim@reporter.test", 1)
    eventually(lambda: stage.status()["unsent_letters"] == 0)
    assert len(stage.letters("kim@reporter.test")) == 1
    assert stage.stop() <= 10
