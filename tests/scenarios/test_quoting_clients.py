"""Staff answer the same notice from every common mail program: what they typed above is carried out, and no word of ours leaves."""

import re
from pathlib import Path

import pytest

from tests.town import AUTHSERV, Town, words

NOTICE = (
    "Its code name is",
    "quiet-harbour",
    "write above this line",
    "Answer due",
    "stood in the lift door",
    "All commands",
    "nadia.vella@",
)
"""Words of the notice that all the fixtures answer."""

FIXTURES = Path(__file__).parent.parent / "quoting"

NOT_READ = {
    "gmail-web-forward": "a forward is somebody else's text: it is kept as a note",
    "thunderbird-below": "the answer stands below the quote, where no command is read",
    "thunderbird-between": "the answers stand between quoted lines, where no command is read",
}
"""Programs and habits whose commands are not carried out, each with its reason; the writer is told so."""

CLIENTS = sorted(path.stem for path in FIXTURES.glob("*.eml"))


def adapted(raw: bytes, message_id: str) -> bytes:
    """The fixture as Ana's answer to our notice: her address, our Message-ID, her host's verdict."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    unfolded = re.sub(rb"\n[ \t]+", b" ", head)
    kept = [
        line
        for line in unfolded.split(b"\n")
        if not re.match(rb"(?i)(from|sender|in-reply-to|references|message-id|authentication-results):", line)
    ]
    added = [
        f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from=pymalta.example".encode(),
        f"Received: from out.example by {AUTHSERV}; Mon, 23 Nov 2026 09:00:00 +0000".encode(),
        b"From: Ana Borg <ana@pymalta.example>",
        b"Message-ID: <from-a-client@pymalta.example>",
        f"In-Reply-To: <{message_id}>".encode(),
        f"References: <{message_id}>".encode(),
    ]
    return b"\n".join([*added, *kept, b"", body]).replace(b"\n", b"\r\n")


def answered(town: Town, client: str) -> tuple[str, list[str]]:
    """The answer to Ana and the letters to the reporter, after her answer from this mail program."""
    town.write("kim@reporter.example", "Somebody followed me out of the bar.")
    town.run()
    town.order("ana", '[person:P1 name="Carmel Example"]')
    notice = town.letters("ana@pymalta.example")[0]
    before = len(town.letters("ana@pymalta.example"))
    town.mailbox.deliver(adapted((FIXTURES / f"{client}.eml").read_bytes(), notice.message_id), received_at=town.clock.at)
    town.run()
    told = town.letters("ana@pymalta.example")[before:]
    return words(told[-1]) if told else "", [words(one) for one in town.letters("kim@reporter.example")[1:]]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client(town: Town, client: str) -> None:
    """What was typed above is carried out and answered, and no line of the quoted notice reaches the reporter."""
    answer, letters = answered(town, client)
    assert ("Sent to the reporter: yes" in answer) == bool(letters) == (client not in NOT_READ)
    for letter in letters:
        assert letter.startswith("Thank you for telling us")
        assert "✓ [reply]" in answer
        assert not [ours for ours in NOTICE if ours in letter]


@pytest.mark.parametrize("client", ["thunderbird-below", "thunderbird-between"])
def test_tags_that_are_not_read_are_told(town: Town, client: str) -> None:
    """Whoever writes below the quote is told that the tags there were not read."""
    answer, _ = answered(town, client)
    assert "none of them was carried out" in answer
