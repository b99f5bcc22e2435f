"""Finished mails: exactly the headers that were set, one recipient, and words that come back as they went in (security.md F1, P-30)."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maild.errors import GuardTripped
from maild.mail import compose as compose_module
from maild.mail.compose import LONGEST_VALUE, Sender, clean, compose, encoded, guard
from maild.mail.identity import Own, loop_mark, tokens
from maild.mail.message import Sort
from maild.mail.parse import parse
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Attachment, Kind, Letter, Recipient
from maild.render import Rendered
from tests.letters.every import LETTERS, POLICIES, rendered, templates
from tests.letters.story import POLICY, START, Story

TOKEN = "abcdefghijklmnopqrstuvwxyz"
SENDER = Sender(name="PyMalta", mailbox="info@pymalta.example", plus_addressing=False, loop_key=b"k" * 32)
PLUS = replace(SENDER, plus_addressing=True)
OWN = Own(mailbox=SENDER.mailbox, separator=POLICY.separator, loop_key=SENDER.loop_key)
DATE = START.astimezone(POLICY.zone)

EXAMPLES = 20_000 if hypothesis.settings().max_examples >= 5_000 else 2_000
"""In the deep profile, and in the quick one."""


def sent(letter: Letter, words: Rendered | None = None, *, sender: Sender = SENDER) -> bytes:
    return compose(letter, words or templates(POLICY).letter(letter), sender=sender, date=DATE).parcel.raw


def receipt(**changes: object) -> Letter:
    plain = Letter(kind=Kind.RECEIPT, to=Recipient(handle="reporter", role="reporter", name="Kim", address="kim@home.example"), token=TOKEN)
    return replace(plain, reference="R-7K3QF", **changes)  # type: ignore[arg-type]


def notice(**changes: object) -> Letter:
    plain = Letter(
        kind=Kind.QUARANTINED,
        to=Recipient(handle="ana", role="staff", name="Ana Borg", address="ana@staff.example"),
        facts={"count": 1},
        token=TOKEN,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def head_of(raw: bytes) -> list[str]:
    """The header lines as they stand, folds and all."""
    return raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def names_in(raw: bytes) -> list[str]:
    return [line.partition(":")[0] for line in head_of(raw) if not line.startswith((" ", "\t"))]


def people(value: str) -> list[tuple[str, str]]:
    """The names and addresses of a header, as a mail program shows them."""
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])]


def value_in(raw: bytes, name: str) -> str | None:
    return message_from_bytes(raw)[name]


# ---- the headers, word for word ----------------------------------------------------------------------------------------------------------


def test_a_receipt_has_these_headers():
    """To a reporter: their own thread, no name from outside, nothing about a case."""
    letter = receipt(
        ticket_id=0x77, code="quiet-harbour", in_reply_to="first@home.example", references=("older@home.example", "first@home.example")
    )
    assert head_of(sent(letter)) == [
        'From: "PyMalta" <info@pymalta.example>',
        "To: kim@home.example",
        "Subject: [PyMalta R-7K3QF] Your message",
        "Date: Mon, 23 Nov 2026 09:30:00 +0100",
        "Message-ID: <abcdefghijklmnopqrstuvwxyz@pymalta.example>",
        "In-Reply-To: <first@home.example>",
        "References: <older@home.example>",
        " <first@home.example>",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        f"X-Maild-Loop: {loop_mark(SENDER.loop_key, TOKEN)}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_abcdefghijklmnopqrstuvwxyz"',
    ]


def test_a_notice_has_these_headers():
    """To one of us: a root of its own for each person and case, and with plus-addressing an address that names the letter."""
    assert head_of(
        sent(
            notice(ticket_id=0x77, code="quiet-harbour"),
            Rendered(subject="[quiet-harbour] Note", text="Short.\n", html="<p>Text</p>\n"),
            sender=PLUS,
        )
    ) == [
        'From: "PyMalta" <info@pymalta.example>',
        'To: "Ana Borg" <ana@staff.example>',
        "Subject: [quiet-harbour] Note",
        "Date: Mon, 23 Nov 2026 09:30:00 +0100",
        "Message-ID: <abcdefghijklmnopqrstuvwxyz@pymalta.example>",
        "References: <case.77.ana@pymalta.example>",
        "Reply-To: info+abcdefghijklmnopqrstuvwxyz@pymalta.example",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        f"X-Maild-Loop: {loop_mark(SENDER.loop_key, TOKEN)}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_abcdefghijklmnopqrstuvwxyz"',
    ]


def test_a_letter_has_two_parts():
    """Plain text first (RFC 2046 section 5.1.4: the last is the richest), and a boundary nobody outside can know."""
    letter, words = LETTERS["digest-busy"](), rendered("digest-busy")
    raw = sent(letter, words)
    assert head_of(raw)[-1] == f'Content-Type: multipart/alternative; boundary="=_{letter.token}"'
    parts = list(message_from_bytes(raw, policy=policy.default).iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part.get_content().replace("\r\n", "\n") for part in parts] == [words.text, words.html]


@pytest.mark.parametrize(("sender", "envelope"), [(SENDER, "info@pymalta.example"), (PLUS, f"info+b.{TOKEN}@pymalta.example")])
def test_a_bounce_reaches_us(sender, envelope):
    """The envelope sender is never empty: with plus-addressing it names the letter, else it is the mailbox (product.md section 8)."""
    parcel = compose(receipt(), rendered("receipt-plain"), sender=sender, date=DATE).parcel
    assert (parcel.envelope_sender, parcel.recipient) == (envelope, "kim@home.example")
    assert parcel.message_id == f"{TOKEN}@pymalta.example"


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_is_marked_as_automatic_and_never_as_bulk(name):
    """Behaviour 27; and no letter ever has a Cc or a Bcc."""
    raw = sent(LETTERS[name](), rendered(name))
    assert value_in(raw, "Auto-Submitted") in ("auto-replied", "auto-generated")
    assert value_in(raw, "X-Auto-Response-Suppress").split(", ") == ["DR", "RN", "NRN", "OOF", "AutoReply"]
    assert {"Cc", "Bcc", "Precedence", "List-Id", "Return-Path", "Sender"} & set(names_in(raw)) == set()


@pytest.mark.parametrize("name", LETTERS)
def test_the_same_letter_is_the_same_bytes(name):
    """A decision that is made again after a crash makes no second version of a letter."""
    assert sent(LETTERS[name](), rendered(name)) == sent(LETTERS[name].__wrapped__(), rendered(name))


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_of_ours_that_comes_back_is_known(name):
    """By its mark, also with headers put on top and its Message-ID rewritten (behaviour 25)."""
    raw = sent(LETTERS[name](), rendered(name))
    back = b"Received: from a by b; Mon, 23 Nov 2026 09:31:00 +0100\r\n" + re.sub(
        rb"Message-ID: <[^>]+>", b"Message-ID: <new@relay.example>", raw
    )
    assert parse(back, own=OWN).sort is Sort.LOOP


@pytest.mark.parametrize("sender", [SENDER, PLUS], ids=["by Message-ID", "by address"])
def test_an_answer_names_the_letter_it_answers(sender):
    """What a mail program makes of our headers leads back to the token, with plus-addressing even where it drops the thread."""
    raw = sent(notice(), sender=sender)
    thread = "" if sender is PLUS else f"In-Reply-To: {value_in(raw, 'Message-ID')}\r\n"
    answer = f"From: ana@staff.example\r\nTo: {value_in(raw, 'Reply-To') or value_in(raw, 'From')}\r\n{thread}\r\nYes\r\n"
    assert tokens(parse(answer.encode(), own=OWN), mailbox=SENDER.mailbox) == (TOKEN,)


# ---- threads that must not meet ------------------------------------------------------------------------------------------------------------


def test_two_reporters_of_one_incident_share_no_identifier():
    """Nothing in a letter to one of them tells of the other (product.md principle 4)."""
    letters = [
        Story(units=10 * number)
        .comes(inbox_id=number, message_id=f"first@{name}.example", answer_to=f"kim@{name}.example")
        .letter(Kind.RECEIPT)
        for number, name in enumerate(("home", "work"), 1)
    ]
    one, two = ({*re.findall(rb"<[^>]+@[^>]+>", sent(letter))} - {b"<info@pymalta.example>"} for letter in letters)
    assert one & two == set()


@pytest.mark.parametrize("kind", sorted(TO_REPORTER | TO_OTHERS, key=lambda kind: kind.value), ids=lambda kind: kind.value)
def test_no_root_of_a_case_leaves_the_team(kind):
    """A reporter who works with us and answered a notice does not get its root back, nor does the one it is about."""
    letter = receipt(kind=kind, in_reply_to="case.77.ana@pymalta.example", references=("case.77.ana@pymalta.example", "own@home.example"))
    raw = sent(letter, Rendered(subject="Message", text="Text\n", html="<p>Text</p>\n"))
    assert value_in(raw, "References") == "<own@home.example>"
    assert "In-Reply-To" not in names_in(raw)


REFERENCES = [
    ((), None, "none"),
    (("a@b", "a@b"), "<a@b>", "each once"),
    (("a@b> <evil@x",), None, "an angle bracket ends an identifier"),
    (("a b@c",), None, "a space does"),
    (("a@b\r\nBcc: x@y",), None, "a line end does"),
    (("=?utf-8?q?=0ABcc=3A_x?=@y",), None, "an encoded word, which some mail programs decode wherever it stands"),
    (("no-at-sign",), None, "not of the form of one"),
    ((f"{'x' * 300}@y",), None, "endless"),
    (("0123456789abcdef@maild.invalid",), None, "one that we made for a mail without any"),
    (("ħ@y",), None, "not ASCII"),
]


@pytest.mark.parametrize(("references", "wanted", "why"), REFERENCES, ids=[why for *_, why in REFERENCES])
def test_only_identifiers_stand_in_references(references, wanted, why):
    """What is no Message-ID is left out."""
    assert value_in(sent(receipt(references=references)), "References") == wanted


def test_a_letter_goes_on_with_the_thread_of_an_earlier_one():
    """Where nobody has answered it, our own letter is what the next one follows; an answer comes before it."""
    earlier = "b" * 26
    ours = f"<{earlier}@pymalta.example>"
    alone = sent(receipt(follows=earlier, in_reply_to="", references=()))
    assert (value_in(alone, "In-Reply-To"), value_in(alone, "References")) == (ours, ours)
    answered = sent(receipt(follows=earlier, in_reply_to="first@home.example", references=("first@home.example",)))
    assert value_in(answered, "In-Reply-To") == "<first@home.example>"
    assert value_in(answered, "References").split() == [ours, "<first@home.example>"]


def test_endless_references_are_cut_to_the_first_and_the_latest():
    """As mail programs do; the root of a case is always the first."""
    many = tuple(f"{number}@home.example" for number in range(10_000))
    assert value_in(sent(receipt(references=many)), "References").split() == [f"<{one}>" for one in (many[0], *many[-11:])]
    root = "case.1.ana@pymalta.example"
    assert value_in(sent(notice(ticket_id=1, references=many)), "References").split()[0] == f"<{root}>"
    assert value_in(sent(notice(ticket_id=1, references=("a@b", root, "c@d"))), "References").split() == [f"<{root}>", "<a@b>", "<c@d>"]


# ---- one line and nothing else -----------------------------------------------------------------------------------------------------------

CLEANED = [
    ("plain words", "plain words"),
    ("  two   spaces ", "two spaces"),
    ("a\r\nBcc: x@y", "a Bcc: x@y"),
    ("a\rb\nc\x0bd\x0ce\x1cf\x85g\u2028h\u2029i\0j", "a b c d e f g h i j"),
    ("gro.elpmaxe\u202e", "gro.elpmaxe"),
    ("\u2066a\u2069 \u200bb\u200d\ufeff\u00ad\u061cc", "a b c"),
    ("a\ud800b", "a b"),
    ("\U000e0041tag", "tag"),
    ("Ħal Għaxaq, naïve ✓", "Ħal Għaxaq, naïve ✓"),
    ("", ""),
    ("x" * 10_000, "x" * LONGEST_VALUE),
    ("\n" * 10_000 + "late", ""),
]


@pytest.mark.parametrize(("text", "wanted"), CLEANED)
def test_a_header_line_is_one_line(text, wanted):
    """Nothing that ends it, hides in it or turns its direction."""
    assert clean(text) == wanted


ENCODED = [
    ("[PyMalta R-7K3QF] Your message", "[PyMalta R-7K3QF] Your message", "plain stays plain"),
    ("Ħello", "=?utf-8?b?xKZlbGxv?=", "what is not ASCII is encoded"),
    ("=?utf-8?q?=0ABcc=3A_x?=", "=?utf-8?b?PT91dGYtOD9xPz0wQUJjYz0zQV94Pz0=?=", "an encoded word from outside is spelt out"),
    ("x" * 67, f"=?utf-8?b?{'eHh4' * 13}?=\r\n =?utf-8?b?{'eHh4' * 9}eA==?=", "a long one is folded"),
]


@pytest.mark.parametrize(("text", "wanted", "why"), ENCODED, ids=[why for *_, why in ENCODED])
def test_a_subject_is_encoded_where_it_is_not_plain(text, wanted, why):
    """RFC 2047, by our own hand: the standard library's way depends on the interpreter (security.md F1)."""
    assert encoded(text) == wanted


@given(st.text(max_size=400))
@example("ħ" * 39 + "€" * 39 + "😀" * 39)
def test_encoded_words_are_whole(text):
    """Each decodes alone to whole characters, and no line of them is longer than 76 with the name of the header before it."""
    value = encoded(text)
    lines = f"Subject: {value}".split("\r\n")
    assert all(len(line) <= 76 for line in lines)
    words = re.findall(r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=", value)
    assert ("".join(b64decode(word).decode() for word in words) if words else value) == clean(text)


NAMES = [
    ("Ana Borg", '"Ana Borg" <ana@staff.example>'),
    ("Ana (staff) O'Neill-Borg, Jr.", None),
    ("J. R. Borg", '"J. R. Borg" <ana@staff.example>'),
    ("Cleo Żammit", "=?utf-8?b?Q2xlbyDFu2FtbWl0?=\r\n <ana@staff.example>"),
    ('Ana "the boss" <evil@x.example>', None),
    ("=?utf-8?q?evil=40x?= Borg", None),
    ("", "ana@staff.example"),
    ("\r\n", "ana@staff.example"),
    ("ana@staff.example", None),
    ("x" * 10_000, None),
]


@pytest.mark.parametrize(("name", "wanted"), NAMES)
def test_a_name_never_adds_an_address(name, wanted):
    """Whatever our people are called, To holds one address and their name."""
    raw = sent(notice(to=Recipient(handle="ana", role="staff", name=name, address="ana@staff.example")))
    value = value_in(raw, "To")
    assert wanted in (None, value)
    assert people(value) == [(clean(name), "ana@staff.example")]


ADDRESSES = ["kim@home.example", "kim+tag@home.example", "o'neill@home.example", "a.b=c/d@xn--4ca.example", "k@h"]
NO_ADDRESSES = [
    "",
    "kim",
    "kim@home.example, evil@x.example",
    "kim@home.example evil@x.example",
    "<kim@home.example>",
    "Kim <kim@home.example>",
    "kim@home.example\r\nBcc: evil@x.example",
    "kim@home.example\n",
    "kim@home.example\0",
    '"kim x"@home.example',
    "ħ@home.example",
    "kim@ħome.example",
    "kim;evil@x.example",
    "group:kim@home.example;",
    "@relay:kim@home.example",
    "kim@home@x.example",
    f"{'k' * 250}@home.example",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_plain_address_is_written_to(address):
    """What the strict grammar lets in may be written to."""
    assert value_in(sent(receipt(to=Recipient(handle="reporter", role="reporter", name="", address=address))), "To") == address


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_plain_address_is_never_written_to(address):
    """No letter leaves, rather than one that might go to somebody else."""
    for letter in (receipt(), notice()):
        with pytest.raises(GuardTripped):
            sent(replace(letter, to=replace(letter.to, address=address)), rendered("receipt-plain"))


locals_ = st.text(st.characters(codec="latin-1"), min_size=1, max_size=80)


@hypothesis.settings(max_examples=500)
@given(local=locals_, domain=st.text("abc.-1", min_size=1, max_size=300))
@example(local="k", domain="a" * 254)
@example(local="k\x01", domain="home.example")
@example(local="k\x7f", domain="home.example")
@example(local="k`{|}~", domain="home.example")
@example(local=".k.", domain="home.example")
def test_whoever_may_be_answered_can_be_written_to(local, domain):
    """The reader lets no address through that a letter cannot go to: a receipt that cannot be finished would hold up its report."""
    message = parse(f"From: {local}@{domain}\r\n\r\nHello\r\n".encode("latin-1"), own=OWN)
    if message.answer_to:
        assert value_in(sent(receipt(to=replace(receipt().to, address=message.answer_to))), "To") == message.answer_to


@pytest.mark.parametrize("token", ["", "short", "A" * 26, "a" * 27, "a" * 25 + "\n", "../" + "a" * 23])
def test_a_letter_needs_a_token_of_ours(token):
    """It becomes the Message-ID, the reply address and the boundary."""
    with pytest.raises(GuardTripped):
        sent(receipt(token=token))


# ---- the guard ---------------------------------------------------------------------------------------------------------------------------

GUARDED = [
    (b"A: 1\r\nB: 2\r\n", True, "as set"),
    (b"A: 1\r\n 2\r\nB: 2\r\n", True, "folded"),
    (b"A: 1\r\n\t2\r\nB: 2\r\n", True, "folded with a tab"),
    (b"A: 1\r\nB: 2\r\nBcc: x\r\n", False, "one more"),
    (b"A: 1\r\nBcc: x\r\nB: 2\r\n", False, "one in between"),
    (b"B: 2\r\nA: 1\r\n", False, "another order"),
    (b"A: 1\r\n", False, "one fewer"),
    (b"A: 1\r\nA: 1\r\nB: 2\r\n", False, "one twice"),
    (b"A: 1\r\nB: 2\r\n\r\nText", False, "a body"),
    (b"A: 1\r\n\r\nB: 2\r\n", False, "an empty line"),
    (b"A: 1\r\n \r\nB: 2\r\n", False, "a line of blanks, which some servers take for the end"),
    (b"A: 1\r\n\t \r\nB: 2\r\n", False, "a tab and a blank"),
    (b"A: 1\nB: 2\r\n", False, "a lone LF"),
    (b"A: 1\rB: 2\r\n", False, "a lone CR"),
    (b"A: 1\r\r\nB: 2\r\n", False, "a CR too many"),
    (b"A: 1\0\r\nB: 2\r\n", False, "a NUL"),
    (b"A: \xc4\xa6\r\nB: 2\r\n", False, "8-bit"),
    (b"A: 1\r\nB: 2", False, "no end"),
    (b"A: 1\r\nB: " + b"x" * 995 + b"\r\n", True, "a line of 998"),
    (b"A: 1\r\nB: " + b"x" * 996 + b"\r\n", False, "a line of 999"),
    (b"", False, "nothing"),
]


@pytest.mark.parametrize(("head", "good", "why"), GUARDED, ids=[why for *_, why in GUARDED])
def test_the_guard_lets_through_what_was_set_and_nothing_else(head, good, why):
    """The names that stand there are the names that were set, each once, in order, and no byte could end a line for anybody."""
    if good:
        guard(head, expected=["A", "B"])
    else:
        with pytest.raises(GuardTripped):
            guard(head, expected=["A", "B"])


INJECTING = ["there\nBcc: evil@x.example", "there\r\nBcc: evil@x.example", "there\r\n\r\nbody", "there\rBcc: x", "a\0b", "Ħ", "x" * 2000]


@pytest.mark.parametrize("subject", INJECTING)
def test_what_the_guard_refuses_goes_out_with_a_fixed_subject(subject, monkeypatch):
    """The day our encoding is wrong, as the standard library's was, the letter still goes out, and says nothing that was not set."""
    monkeypatch.setattr(compose_module, "encoded", lambda text: text)
    made = compose(receipt(), replace(rendered("receipt-plain"), subject=subject), sender=SENDER, date=DATE)
    assert made.subject_replaced
    assert value_in(made.parcel.raw, "Subject") == "Message"
    assert names_in(made.parcel.raw) == names_in(sent(receipt()))


@pytest.mark.parametrize("subject", INJECTING)
def test_no_subject_gets_as_far_as_the_guard(subject):
    """Our encoding alone is enough."""
    assert not compose(receipt(), replace(rendered("receipt-plain"), subject=subject), sender=SENDER, date=DATE).subject_replaced


# ---- every letter, every field, anything --------------------------------------------------------------------------------------------------


class Endless(list):
    """A list that a failing example shows in one word."""

    __repr__ = object.__repr__


NASTY = [
    "\r\nBcc: evil@x.example",
    "\n",
    "\r",
    "\0",
    "\x0b\x0c\x1c\x85",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\ud800",
    "\udfff",
    "=?utf-8?q?=0ABcc=3A_x?=",
    "=?utf-8?b?DQpCY2M6IHhAeQ==?=",
    f"\r\n--=_{TOKEN}--\r\n",
    "\r\n.\r\n",
    "\r\nFrom ana\r\n",
    "{{7*7}}",
    "{% raw %}",
    "<b>&amp;",
    POLICY.separator,
    "\n[urgent]\n",
    '"', "\\", "<", ">", ",", ";", ":", "@", "\t", " ",
    "x" * 10_000,
    "ħ" * 10_000,
    "😀",
]  # fmt: skip

MANY = Endless("x@y" for _ in range(10_000))

hostile = st.lists(st.sampled_from(NASTY) | st.text(st.characters(), max_size=20), max_size=6).map("".join)
identifiers = st.lists(hostile | st.sampled_from(["a@b", "first@home.example", "case.1.ana@pymalta.example"]), max_size=4) | st.just(MANY)

FIXED = {"state", "duty", "rung", "relation", "kind", "kinds", "violation", "confirm", "ground"}
"""Facts that are words of our own, chosen by the playbook and compared by the templates."""


def overwritten(fact, text: str, key: str = ""):
    """The fact with hostile text in every place that outside text, or somebody's typing, can reach."""
    if isinstance(fact, dict):
        return {name: overwritten(value, text, name) for name, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [overwritten(one, text, key) for one in fact]
    return text if isinstance(fact, str) and key not in FIXED and not is_moment(fact) else fact


def is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def wanted_names(letter: Letter, raw: bytes, *, sender: Sender) -> list[str]:
    optional = {"In-Reply-To", "References"} & set(names_in(raw))
    names = (
        "From To Subject Date Message-ID In-Reply-To References Reply-To Auto-Submitted X-Auto-Response-Suppress X-Maild-Loop MIME-Version"
    )
    left_out = {"In-Reply-To", "References"} - optional | (set() if sender.plus_addressing else {"Reply-To"})
    assert not letter.ticket_id or letter.kind in TO_REPORTER | TO_OTHERS or "References" in optional
    return [name for name in names.split() if name not in left_out] + ["Content-Type"]


def plain(text: str) -> str:
    """Text as it arrives: control characters and half characters are shown as missing."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.timeout(1_800)
@hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck))
@given(
    name=st.sampled_from(sorted(LETTERS)),
    text=hostile,
    person=hostile,
    in_reply_to=hostile,
    references=identifiers,
    language=st.sampled_from(["", "en", "mt", "../../..", "xx\0"]),
    sender=st.sampled_from([SENDER, PLUS]),
)
def test_nothing_from_outside_changes_the_shape_of_a_mail(name, text, person, in_reply_to, references, language, sender):
    """Exactly the headers that were set, one recipient, whole parts, CRLF only, and words that two readers find as they were rendered."""
    made = LETTERS[name]()
    letter = replace(
        made,
        facts=overwritten(made.facts, text),
        to=replace(made.to, name=person),
        in_reply_to=in_reply_to,
        references=tuple(references),
        language=language,
    )
    words = templates(POLICIES.get(name, POLICY)).letter(letter)
    composed = compose(letter, words, sender=sender, date=DATE)
    raw = composed.parcel.raw
    assert not composed.subject_replaced
    assert names_in(raw) == wanted_names(letter, raw, sender=sender)
    assert re.search(rb"\r(?!\n)|(?<!\r)\n|[\0\x80-\xff]", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert composed.parcel.recipient == letter.to.address
    read_by_the_library(raw, letter, words)
    read_by_ourselves(raw, letter, words)


def read_by_the_library(raw: bytes, letter: Letter, words: Rendered) -> None:
    message = message_from_bytes(raw, policy=policy.default)
    assert message.keys() == names_in(raw)
    assert message["Subject"] == clean(words.subject)
    assert [address for _, address in getaddresses([value_in(raw, "To")])] == [letter.to.address]
    files = letter.attachments
    parts = list(message.walk())
    outer = ["multipart/mixed"] if files else []
    shape = [*outer, "multipart/alternative", "text/plain", "text/html", *(file.type for file in files)]
    assert [part.get_content_type() for part in parts] == shape
    assert [defect for part in parts for defect in part.defects] == []
    leaves = [part for part in parts if not part.is_multipart()]
    arrived = [part.get_content() for part in leaves if not part.get_filename()]
    assert [one.replace("\r\n", "\n") for one in arrived] == [plain(one) for one in (words.text, words.html)]
    assert [part.get_filename() for part in leaves if part.get_filename()] == [file.name for file in files]


def read_by_ourselves(raw: bytes, letter: Letter, words: Rendered) -> None:
    message = parse(raw, own=replace(OWN, loop_key=b""))
    assert message.subject == clean(words.subject)
    assert message.text.rstrip("\n") == plain(words.text).rstrip("\n")[:1_000_000]
    assert message.strict_sender == SENDER.mailbox
    assert [one.name for one in message.attachments if one.name] == [file.name for file in letter.attachments]


@pytest.mark.parametrize("name", LETTERS)
def test_endless_facts_make_a_letter_of_bounded_size(name):
    """A million characters in every field are cut where nobody reads on (a mail is at most that long, and goes to all of the staff)."""
    made = LETTERS[name]()
    letter = replace(made, facts=overwritten(made.facts, "x" * 1_000_000), to=replace(made.to, name="x" * 1_000_000))
    if made.kind in TO_REPORTER | TO_OTHERS:
        return  # What goes to a reporter was typed by staff.
    assert len(sent(letter)) < 700_000


def test_the_moment_is_the_organisations_own():
    """Date is written in the time zone that was given, by English names whatever the locale."""
    letter = receipt()
    made = compose(letter, rendered("receipt-plain"), sender=SENDER, date=datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(POLICY.zone))
    assert value_in(made.parcel.raw, "Date") == "Wed, 01 Jul 2026 14:00:00 +0200"


@pytest.mark.parametrize("organisation", ["Ħamrun Devs", "A, B & C", "x" * 100, "=?utf-8?q?x?="])
def test_the_organisation_may_be_called_anything(organisation):
    """The name in From comes back as it was configured, with one address."""
    raw = sent(receipt(), rendered("receipt-plain"), sender=replace(SENDER, name=organisation))
    assert people(value_in(raw, "From")) == [(organisation, SENDER.mailbox)]
    assert all(len(line) <= 78 for line in head_of(raw)[:2])


# ---- files -------------------------------------------------------------------------------------------------------------------------------

FILES = (
    Attachment(name="report.md", type="text/markdown", text="# Report\n\nNo line end here"),
    Attachment(name="report.html", type="text/html", text="<p>Ħamrun\r\n--=_abcdefghijklmnopqrstuvwxyz--\n</p>\n"),
    Attachment(name="numbers.json", type="application/json", text="{}\n"),
    Attachment(name="numbers.csv", type="text/csv", text=""),
)


def test_files_come_back_as_they_went_in():
    """Names, types and every byte, whatever stands in them; the words are where a reader expects them."""
    raw = sent(notice(attachments=FILES))
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail.defects == []
    assert mail.get_content_type() == "multipart/mixed"
    found = [(one.get_filename(), one.get_content_type(), one.get_payload(decode=True)) for one in mail.iter_attachments()]
    assert found == [(one.name, one.type, one.text.encode()) for one in FILES]
    assert (
        mail.get_body(("plain",)).get_content()
        == message_from_bytes(sent(notice()), policy=policy.default).get_body(("plain",)).get_content()
    )


def test_the_lines_of_a_letter_with_files_are_lines():
    """CRLF and nothing else ends them, and none is too long for a mail server."""
    raw = sent(notice(attachments=FILES))
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_our_reader_finds_the_files_of_a_letter():
    """The same through the parser that reads what comes in."""
    message = parse(sent(notice(attachments=FILES)), own=OWN)
    assert [(one.name, one.type) for one in message.attachments] == [(one.name, one.type) for one in FILES]
    assert "quarantine" in message.text.lower()


@pytest.mark.parametrize("role", ["reporter", "person"])
def test_a_letter_that_leaves_the_team_carries_no_file(role):
    """Whoever asked for it by mistake: nothing goes out."""
    to = Recipient(handle="P1", role=role, name="", address="kim@home.example")
    with pytest.raises(GuardTripped, match="leaves the team"):
        sent(receipt(to=to, attachments=FILES))


@pytest.mark.parametrize("role", ["staff", "board", "fallback"])
def test_a_letter_to_one_of_us_may_carry_files(role):
    """Staff, board and the contact outside."""
    to = Recipient(handle="ana", role=role, name="Ana", address="ana@staff.example")
    assert b"multipart/mixed" in sent(notice(to=to, attachments=FILES))


@pytest.mark.parametrize(
    "changed", [{"name": 'a"\r\nBcc: x'}, {"name": "../a"}, {"name": "é.md"}, {"type": "text/html; x=y"}, {"name": ""}]
)
def test_a_file_has_a_plain_name_and_type(changed):
    """They stand in headers, so nothing else may."""
    with pytest.raises(GuardTripped, match="plain"):
        sent(notice(attachments=(replace(FILES[0], **changed),)))
