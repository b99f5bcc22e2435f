"""What may be believed: the grammar of From, and Authentication-Results in the forms of many servers and many forgers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.authenticity import Form, aligned, fails_dmarc, strict_sender
from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.parse import parse

REST = "To: info@pymalta.example\r\nSubject: s\r\nMessage-ID: <a@b>\r\nDate: Sat, 21 Nov 2026 10:12:03 +0100\r\n\r\nText.\r\n"

ONE_MAILBOX = {
    "bare": "nadia.vella@staff.example",
    "in angle brackets": "<nadia.vella@staff.example>",
    "with a name": "Nadia Vella <nadia.vella@staff.example>",
    "with a quoted name": '"Vella, Nadia (she/her)" <nadia.vella@staff.example>',
    "with quotes in quotes": '"Nadia \\"Nad\\" Vella" <nadia.vella@staff.example>',
    "with an encoded name": "=?utf-8?q?Nadia_=C5=BBahra?= <nadia.vella@staff.example>",
    "with an initial": "Nadia V. Vella <nadia.vella@staff.example>",
    "with an apostrophe": "Nadia D'Amato <nadia.vella@staff.example>",
    "with an address as its name": '"nadia.vella@staff.example" <nadia.vella@staff.example>',
    "folded": "Nadia\r\n Vella\r\n\t<nadia.vella@staff.example>",
    "in capitals": "NADIA.VELLA@Staff.Example",
    "with spaces around": "  \t nadia.vella@staff.example \t ",
}


@pytest.mark.parametrize("value", ONE_MAILBOX.values(), ids=ONE_MAILBOX)
def test_one_plain_mailbox_is_accepted(value: str) -> None:
    """However honest mail programs write it, the mailbox is found."""
    assert strict_sender(f"From: {value}\r\n{REST}".encode()) == "nadia.vella@staff.example"


def test_line_ends_of_unix_are_accepted() -> None:
    """A Maildir holds LF."""
    assert strict_sender(f"From: nadia.vella@staff.example\n{REST}".replace("\r\n", "\n").encode()) == "nadia.vella@staff.example"


A, B = "nadia.vella@staff.example", "evil@evil.example"
AMBIGUOUS = {
    "nobody": f"{REST}",
    "two From": f"From: {A}\r\nFrom: {B}\r\n{REST}",
    "two From, one with a space": f"From : {B}\r\nFrom: {A}\r\n{REST}",
    "two addresses": f"From: {A}, {B}\r\n{REST}",
    "two addresses in brackets": f"From: <{A}><{B}>\r\n{REST}",
    "an address as a name": f"From: {A} <{B}>\r\n{REST}",
    "a comment behind": f"From: {B} ({A})\r\n{REST}",
    "a comment in front": f"From: ({A}) {B}\r\n{REST}",
    "a comment inside": f"From: nadia.vella(x)@staff.example\r\n{REST}",
    "a group": f"From: Team: {A};\r\n{REST}",
    "a route": f"From: <@evil.example,@other.example:{A}>\r\n{REST}",
    "an encoded address": f"From: =?utf-8?b?bmFkaWEudmVsbGFAc3RhZmYuZXhhbXBsZQ==?=\r\n{REST}",
    "an encoded word in the address": f"From: <=?utf-8?q?nadia?=@staff.example>\r\n{REST}",
    "a quoted local part": f'From: "nadia vella"@staff.example\r\n{REST}',
    "a quote without an end": f'From: "Nadia <{A}>\r\n{REST}',
    "NUL": f"From: {A}\0{B}\r\n{REST}",
    "a bare CR": f"From: {A}\r <{B}>\r\n{REST}",
    "a bare LF": f"From: {A}\nX: {B}\r\n{REST}",
    "a bare CR in another header": f"From: {A}\r\nX: a\rFrom: {B}\r\n{REST}",
    "a letter beyond ASCII in the name": f"From: Nadia Żahra <{A}>\r\n{REST}",
    "a letter beyond ASCII in the address": f"From: n\u0430dia.vella@staff.example\r\n{REST}",
    "a domain literal": f"From: nadia@[192.0.2.1]\r\n{REST}",
    "a domain of one label": f"From: nadia@localhost\r\n{REST}",
    "dots in a row": f"From: nadia..vella@staff.example\r\n{REST}",
    "a space before the colon": f"From : {A}\r\n{REST}",
    "a line that is no header": f"From: {A}\r\nnot a header\r\n{REST}",
    "a fold before any header": f" From: {B}\r\nFrom: {A}\r\n{REST}",
    "a fold of white space only": f"From: {A}\r\n \t\r\n{REST}",
    "another Sender": f"From: {A}\r\nSender: {B}\r\n{REST}",
    "two Senders": f"From: {A}\r\nSender: {A}\r\nSender: {A}\r\n{REST}",
    "Resent-From": f"Resent-From: {B}\r\nFrom: {A}\r\n{REST}",
    "two Subjects": f"From: {A}\r\nSubject: other\r\n{REST}",
    "two In-Reply-To": f"From: {A}\r\nIn-Reply-To: <a@b>\r\nIn-Reply-To: <c@d>\r\n{REST}",
    "two References": f"From: {A}\r\nReferences: <a@b>\r\nreferences: <c@d>\r\n{REST}",
    "two Content-Types": f"From: {A}\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n{REST}",
    "no end of headers": f"From: {A}\r\nSubject: s\r\n",
    "headers without end": f"From: {A}\r\n" + "X: y\r\n" * 60_000 + REST,
    "an endless name": f"From: {' ' * 100_000}<{A}>x\r\n{REST}",
    "an endless address": f"From: {'a' * 300}@staff.example\r\n{REST}",
    "nothing at all": "",
}


@pytest.mark.parametrize("mail", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_no_authority_from_an_ambiguous_mail(mail: str) -> None:
    """Wherever two programs could read two senders, there is none."""
    assert strict_sender(mail.encode()) is None


def test_a_sender_that_says_the_same_is_no_contradiction() -> None:
    """Sender equal to From adds nothing and takes nothing away."""
    assert strict_sender(f"From: Nadia <{A}>\r\nSender: {A}\r\n{REST}".encode()) == A


@given(
    value=st.lists(
        st.sampled_from([A, B, "<", ">", '"', "(", ")", ",", ";", ":", "\\", " ", "\r\n ", "=?utf-8?q?x?=", "Nadia", "@", "\t"]), max_size=9
    )
)
def test_whatever_is_accepted_is_the_only_address(value: list[str]) -> None:
    """What is accepted is all there is: the address at the end, and no second one but in a quoted name."""
    found = strict_sender(f"From: {''.join(value)}\r\n{REST}".encode())
    written = "".join(value).replace("\r\n", "").strip().lower()
    if found is not None:
        assert written == found or written.endswith(f"<{found}>")
        assert written.count("@") == 1 or '"' in written


# ---- Authentication-Results ----------------------------------------------------------------------------------------------------------

OURS = "mail.pymalta.example"
ENTRY = f"Received: from mx.staff.example (mx.staff.example [198.51.100.7])\r\n\tby {OURS} (Postfix) with ESMTPS id 1; Sat, 21 Nov 2026\r\n"
INSIDE = f"Received: from {OURS} by {OURS} with LMTP id 2; Sat, 21 Nov 2026\r\n"
FOREIGN = "Received: from laptop (unknown [203.0.113.9]) by mx.staff.example with ESMTPSA; Sat, 21 Nov 2026\r\n"


def read(headers: str, *, authserv_id: str = OURS, form: Form = Form.RFC8601, sender: str = A) -> Message:
    raw = f"{headers}From: {sender}\r\n{REST}".encode()
    return parse(raw, own=Own(mailbox="info@pymalta.example", authserv_id=authserv_id, authserv_form=form))


def proof(headers: str, *, authserv_id: str = OURS, form: Form = Form.RFC8601) -> str | None:
    return aligned(read(headers, authserv_id=authserv_id, form=form), authserv_id=authserv_id, form=form)


GOOGLE = (
    "Received: by 2002:a05:6512:3987:b0:50b:c1ef:1 with SMTP id j7; Sat, 21 Nov 2026\r\n"
    "ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=evil.example\r\n"
    "Return-Path: <nadia.vella@staff.example>\r\n"
    "Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41])\r\n by mx.google.com with SMTPS id 3\r\n"
    "Received-SPF: pass (google.com: domain of nadia.vella@staff.example designates 209.85.220.41 as permitted sender)\r\n"
    "Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@staff.example header.s=20230601 header.b=AbC/d+1=;\r\n"
    "       spf=pass (google.com: domain of nadia.vella@staff.example designates 209.85.220.41) smtp.mailfrom=nadia.vella@staff.example;\r\n"
    "       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=staff.example\r\n"
)
EXCHANGE = (
    "Received: from AM0PR01MB1.eurprd01.prod.exchange.example (2603:10a6:1::1)\r\n by DB1PR01MB2.eurprd01.prod.exchange.example with HTTPS\r\n"
    "Received: from DB5EUR.mail.protection.exchange.example (2603:10a6:2::2)\r\n by AM0PR01CA.exchange.example (2603:10a6:1::3)\r\n"
    "Authentication-Results: spf=pass (sender IP is 198.51.100.7)\r\n smtp.mailfrom=staff.example; dkim=pass (signature was verified)\r\n"
    " header.d=staff.example;dmarc=pass action=none\r\n header.from=staff.example;compauth=pass reason=100\r\n"
    "Received-SPF: Pass (protection.exchange.example: domain of staff.example designates 198.51.100.7 as permitted sender)\r\n"
    "Received: from mx.staff.example (198.51.100.7) by\r\n DB5EUR.mail.protection.exchange.example (10.152.20.84) with Microsoft SMTP Server\r\n"
)
DMARC, DKIM = "dmarc=pass", "dkim=pass"
GENUINE = {
    "rspamd": (
        f"Authentication-Results: {OURS};\r\n\tdkim=pass header.d=other.example;\r\n\tdmarc=pass (policy=none) header.from=staff.example\r\n{ENTRY}",
        DMARC,
    ),
    "OpenDMARC above OpenDKIM": (
        (
            f"Authentication-Results: {OURS}; dmarc=pass (p=none dis=none) header.from=staff.example\r\n"
            f'Authentication-Results: {OURS};\r\n\tdkim=pass (2048-bit key; unprotected) header.d=staff.example header.b="x+/y"\r\n{ENTRY}'
        ),
        DMARC,
    ),
    "OpenDKIM alone": (
        f'Authentication-Results: {OURS}; dkim=pass (2048-bit key) header.d=staff.example header.b="ab/c="\r\n{ENTRY}',
        DKIM,
    ),
    "Exim": (
        (
            f"Authentication-Results: {OURS};\r\n\tiprev=pass (mx.staff.example) smtp.remote-ip=198.51.100.7;\r\n\tspf=pass smtp.mailfrom=staff.example;\r\n"
            f"\tdkim=pass header.d=staff.example header.s=a header.a=rsa-sha256;\r\n\tdmarc=pass header.from=staff.example\r\n{ENTRY}"
        ),
        DKIM,
    ),
    "authentication_milter": (
        (
            f"Authentication-Results: {OURS};\r\n    arc=none (no signatures found);\r\n    bimi=skipped (DMARC Policy is not at enforcement);\r\n"
            "    dkim=pass (2048-bit rsa key sha256) header.d=staff.example header.i=@staff.example header.b=a1 header.a=rsa-sha256 x-bits=2048;\r\n"
            "    dmarc=pass policy.published-domain-policy=none policy.evaluated-disposition=none (p=none,d=none,d.eval=none) header.from=staff.example;\r\n"
            f"    x-tls=pass smtp.version=TLSv1.3 smtp.bits=256/256\r\n{ENTRY}"
        ),
        DKIM,
    ),
    "no space before the comment": (f"Authentication-Results: {OURS}; dmarc=pass(p=NONE) header.from=staff.example;\r\n{ENTRY}", DMARC),
    "policy behind the domain": (
        f"Authentication-Results: {OURS}; dmarc=pass header.from=staff.example policy.dmarc=none\r\n{ENTRY}",
        DMARC,
    ),
    "a version": (f"Authentication-Results: {OURS} 1; dmarc=pass header.from=staff.example\r\n{ENTRY}", DMARC),
    "a quoted id": (f'Authentication-Results: "{OURS}"; dmarc=pass header.from=staff.example\r\n{ENTRY}', DMARC),
    "spaces around every sign": (
        f"Authentication-Results: {OURS} ; dmarc = pass ( a (nested) one ) header.from = staff.example\r\n{ENTRY}",
        DMARC,
    ),
    "capitals": (f"Authentication-Results: {OURS.upper()}; DMARC=Pass header.From=Staff.Example\r\n{ENTRY}", DMARC),
    "a reason with a semicolon": (f'Authentication-Results: {OURS}; dmarc=pass reason="a; b" header.from=staff.example\r\n{ENTRY}', DMARC),
    "two signatures": (
        f"Authentication-Results: {OURS}; dkim=fail header.d=staff.example; dkim=pass header.d=staff.example\r\n{ENTRY}",
        DKIM,
    ),
    "no policy, a signature": (
        f"Authentication-Results: {OURS}; dmarc=none header.from=staff.example; dkim=pass header.d=staff.example\r\n{ENTRY}",
        DKIM,
    ),
    "delivered by LMTP": (f"{INSIDE}Authentication-Results: {OURS}; dmarc=pass header.from=staff.example\r\n{ENTRY}{FOREIGN}", DMARC),
    "a mail host of another name": (
        (
            f"Received: from {OURS} ({OURS} [198.51.100.1]) by imap.pymalta.example with ESMTP id 9\r\n"
            f"Authentication-Results: {OURS}; dmarc=pass header.from=staff.example\r\n{ENTRY}"
        ),
        DMARC,
    ),
    "by way of a private network": (
        (
            f"Received: from filter.internal (filter.internal [10.0.0.4]) by {OURS} with ESMTP id 9\r\n"
            f"Authentication-Results: {OURS}; dmarc=pass header.from=staff.example\r\n{ENTRY}"
        ),
        DMARC,
    ),
}


@pytest.mark.parametrize(("headers", "words"), GENUINE.values(), ids=GENUINE)
def test_what_servers_write_is_understood(headers: str, words: str) -> None:
    """The genuine header of each kind of server proves its domain."""
    assert proof(headers) == words


def test_google_writes_below_its_received() -> None:
    """Google's verdict stands below the Received line of the same hop."""
    assert proof(GOOGLE + FOREIGN, authserv_id="mx.google.com") == DKIM
    assert proof(GOOGLE.replace("dkim=pass", "dkim=none") + FOREIGN, authserv_id="mx.google.com") == DMARC


def test_exchange_writes_no_name() -> None:
    """Exchange Online's header without an authserv-id counts where the configuration says so, and nowhere else."""
    assert proof(EXCHANGE + FOREIGN, authserv_id="exchange.example", form=Form.EXCHANGE) == DKIM
    assert proof(EXCHANGE + FOREIGN, authserv_id="exchange.example") is None
    assert proof(EXCHANGE + FOREIGN, authserv_id="", form=Form.EXCHANGE) is None


def test_exchange_headers_of_another_house_are_not_believed() -> None:
    """A header without a name below the line by which the mail came in is its writer's."""
    forged = "Authentication-Results: dmarc=pass header.from=staff.example\r\n"
    assert proof(EXCHANGE.replace("Authentication-Results", "X-Was") + forged, authserv_id="exchange.example", form=Form.EXCHANGE) is None


GOOD = f"Authentication-Results: {OURS}; dmarc=pass header.from=staff.example\r\n"
FORGED = {
    "none at all": ENTRY,
    "below the line by which the mail came in": ENTRY + GOOD,
    "below a forged line of our own": f"{ENTRY}{INSIDE}{GOOD}{INSIDE}",
    "below a line whose client takes our name": f"Received: from {OURS} (unknown [203.0.113.9]) by {OURS} with SMTP\r\n{GOOD}{INSIDE}{ENTRY}",
    "below a line whose client is known by its address only": f"Received: from [203.0.113.9] by {OURS} with SMTP\r\n{GOOD}{INSIDE}{ENTRY}",
    "below a line whose client has our name and another": f"Received: from {OURS} (evil.example [203.0.113.9]) by {OURS} with SMTP\r\n{GOOD}{ENTRY}",
    "in a mail that nobody received": GOOD,
    "behind another server's name": GOOD.replace(OURS, "mail.evil.example") + ENTRY,
    "behind a name that begins like ours": GOOD.replace(OURS, f"{OURS}.evil.example") + ENTRY,
    "behind no name": GOOD.replace(f"{OURS}; ", "") + ENTRY,
    "under a name in a comment": GOOD.replace(OURS, f"({OURS}) mail.evil.example") + ENTRY,
    "for another domain": GOOD.replace("staff.example", "evil.example") + ENTRY,
    "for the parent domain": GOOD.replace("header.from=staff.example", "header.from=example") + ENTRY,
    "for a domain below": GOOD.replace("staff.example", "x.staff.example") + ENTRY,
    "for nothing": GOOD.replace(" header.from=staff.example", "") + ENTRY,
    "in a comment": GOOD.replace("dmarc=pass", "spf=pass (; dmarc=pass header.from=staff.example)").replace(
        " header.from=staff.example\r\n", "\r\n"
    )
    + ENTRY,
    "in a quoted value": f'Authentication-Results: {OURS}; spf=fail smtp.mailfrom="x; dmarc=pass header.from=staff.example"\r\n{ENTRY}',
    "through a comment that the envelope sender ends": (
        f'Authentication-Results: {OURS}; spf=fail (domain of "a); dmarc=pass header.from=staff.example; x=y ("@evil.example)\r\n{ENTRY}'
    ),
    "through a comment without an end": f"Authentication-Results: {OURS}; spf=fail (x; dmarc=pass header.from=staff.example\r\n{ENTRY}",
    "through a comment that ends too often": f"Authentication-Results: {OURS}; spf=fail (x)) ; dmarc=pass header.from=staff.example\r\n{ENTRY}",
    "through a quote without an end": f'Authentication-Results: {OURS}; spf=fail "x; dmarc=pass header.from=staff.example\r\n{ENTRY}',
    "twice in one header": f"Authentication-Results: {OURS}; dmarc=fail header.from=staff.example; dmarc=pass header.from=staff.example\r\n{ENTRY}",
    "below the genuine one": GOOD.replace("pass", "fail") + GOOD + ENTRY,
    "a signature below the genuine one": GOOD.replace("dmarc=pass", "dmarc=none")
    + f"Authentication-Results: {OURS}; dkim=pass header.d=staff.example\r\n{ENTRY}",
    "a signature of another domain": GOOD.replace("dmarc=pass header.from", "dkim=pass header.d").replace("staff", "evil") + ENTRY,
    "a signature although the policy failed": f"Authentication-Results: {OURS}; dmarc=fail; dkim=pass header.d=staff.example\r\n{ENTRY}",
    "of another method": GOOD.replace("dmarc", "spf") + ENTRY,
    "with words between the pairs": GOOD.replace("dmarc", "all is well dmarc") + ENTRY,
    "as another header": GOOD.replace("Authentication-Results", "ARC-Authentication-Results") + ENTRY,
    "as one of maild's": GOOD.replace("Authentication-Results", "X-Maild-Authentication-Results") + ENTRY,
    "longer than any": GOOD.replace("dmarc", "x=y;" * 5_000 + "dmarc") + ENTRY,
    "next to a signature of a part": GOOD + ENTRY + "DKIM-Signature: v=1; d=staff.example; l=20; b=x\r\n",
    "next to a signature of a part, by a parent domain": GOOD + ENTRY + "DKIM-Signature: v=1; l=0; d=example; b=x\r\n",
    "next to a signature of a part, by nobody": GOOD + ENTRY + "DKIM-Signature: v=1; l=0; b=x\r\n",
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_nothing_else_proves_anything(headers: str) -> None:
    """Whoever wrote it and wherever it stands, what the pinned server did not say in its own header is no proof."""
    assert proof(headers) is None


@pytest.mark.parametrize(
    ("host", "there"), [("mx.pymalta.example", DMARC), ("backup.pymalta.example", DMARC), ("mx.pymalta2.example", None)]
)
def test_our_house_is_a_domain(host: str, there: str | None) -> None:
    """What the pinned server wrote is believed however many hosts of its domain handed the mail on, and below no host of another domain."""
    inside = f"Received: from {host} ({host} [198.51.100.1]) by {host} with ESMTP id 8\r\n"
    assert proof(f"{INSIDE}{inside}{GOOD}{ENTRY}") == there


def test_a_top_level_domain_is_nobodys_house() -> None:
    """A server that is called by the bare domain does not make the whole country its own."""
    bare = OURS.partition(".")[2]
    line = f"Received: from mail.evil.example (mail.evil.example [203.0.113.9]) by {bare} with ESMTP id 9\r\n"
    assert proof(line + GOOD.replace(OURS, bare) + ENTRY.replace(OURS, bare), authserv_id=bare) is None
    assert proof(GOOD.replace(OURS, bare) + ENTRY.replace(OURS, bare), authserv_id=bare) == DMARC


def test_without_a_pinned_server_nothing_is_proven() -> None:
    """No configured name, no trust: the default proves nothing."""
    message = read(GOOD + ENTRY)
    assert aligned(message, authserv_id=OURS) == DMARC
    assert aligned(message, authserv_id="") is None
    assert aligned(replace(message, strict_sender=None), authserv_id=OURS) is None


def test_a_signature_of_a_part_by_a_stranger_changes_nothing() -> None:
    """A mailing list's l= says nothing about the domain of From."""
    assert proof(GOOD + ENTRY + "DKIM-Signature: v=1; d=lists.example; l=20; b=x\r\n") == DMARC


def test_only_the_pinned_server_can_say_fail() -> None:
    """A forged failure withholds no answer."""
    failed = read(GOOD.replace("dmarc=pass", "dmarc=fail") + ENTRY)
    assert fails_dmarc(failed.verdicts, authserv_id=OURS)
    assert not fails_dmarc(failed.verdicts, authserv_id="other.example")
    assert not fails_dmarc(failed.verdicts, authserv_id="")
    assert not fails_dmarc(read(ENTRY + GOOD.replace("dmarc=pass", "dmarc=fail")).verdicts, authserv_id=OURS)


PIECES = [
    OURS,
    ";",
    "=",
    "dmarc",
    "pass",
    "fail",
    " ",
    "(",
    ")",
    '"',
    "\\",
    "header.from",
    "staff.example",
    "evil.example",
    "\r\n x",
    "dkim",
    "header.d",
]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_a_forged_header_below_never_matters(pieces: list[str]) -> None:
    """Whatever stands below the line by which the mail came in, the result is that of the genuine header alone."""
    forged = f"Authentication-Results: {''.join(pieces)}\r\n"
    assert proof(ENTRY + forged) is None
    assert proof(GOOD + ENTRY + forged) == DMARC
