"""From what was seen to what is said: the judgement alone, as tables, with the abilities of the large mail hosts as they announce them."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from maild.app.check.clock import Reading, clock_finding, date_in
from maild.app.check.finding import Grade, Setting
from maild.app.check.judge import Host, Landed, Observed, Post, Present, judge, proof_of
from maild.app.check.trip import known_proof
from maild.config.tables import Authentication
from maild.mail.authenticity import Form
from maild.mail.echo import Echo, Fate, Proof

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GOOGLE = Proof(authserv_id="mx.google.com", form=Form.RFC8601)
EXCHANGE = Proof(authserv_id="outlook.com", form=Form.EXCHANGE)
OWN = Proof(authserv_id="mx.pymalta.test", form=Form.RFC8601)
SYSTEM_FLAGS = frozenset({"\\answered", "\\flagged", "\\draft", "\\deleted", "\\seen"})
PRESENT = {"authserv_id": "", "form": Form.RFC8601, "plus_addressing": False, "folder": "INBOX", "junk": "auto", "poll_seconds": 60.0}


def an_echo(**changes):
    return Echo(**{"message_id_kept": True, "mark_kept": True, "sender_kept": True, "proof": OWN, "forged": Fate.STRIPPED} | changes)


def landed(folder="INBOX", *, seconds=1.0, **changes):
    return Post(landed=Landed(folder=folder, seconds=seconds, received_at=NOW, echo=an_echo(**changes)))


def a_host(**changes):
    return Host(**{"capabilities": frozenset({"IDLE", "MOVE"}), "junk": "Junk", "junk_by_use": True, "keyword": True} | changes)


def judged(present=None, **changes):
    seen = {"host": a_host(), "plain": landed(), "plus": landed(), "forged": landed(), "waited": 120.0}
    return judge(Observed(**seen | changes), Present(**PRESENT | (present or {})))


def said(judgement, about="", grade=None):
    return "\n".join(one.sentence for one in judgement.findings if about in {"", one.about} and grade in {None, one.grade})


def lines(judgement):
    return [f"[{one.table}] {one.line}" for one in judgement.settings]


# What each announces after the login. Gmail, Exchange Online, Zoho, iCloud and Yahoo: as session logs in public repositories show it
# (2022 to 2026), Dovecot: as Debian 12's says it. Fastmail: what Cyrus 3 documents, no log of it was found. PERMANENTFLAGS beside it:
# Exchange's is from such a log, the others' are assumed. Exchange and Zoho repeat AUTH= after the login, iCloud has no MOVE.
ANY_KEYWORD = SYSTEM_FLAGS | {"\\*"}
GMAIL = """
IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT
LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584
"""
EXCHANGE_ONLINE = "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"
DOVECOT = """
IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND
URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN
CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE
"""
CYRUS = """
IMAP4rev1 LITERAL+ ID ENABLE ACL BINARY CATENATE CHILDREN CONDSTORE CREATE-SPECIAL-USE ESEARCH ESORT LIST-EXTENDED LIST-MYRIGHTS
LIST-STATUS METADATA MOVE MULTIAPPEND NAMESPACE OBJECTID QRESYNC QUOTA SORT SPECIAL-USE STATUS=SIZE UIDPLUS UNSELECT WITHIN XLIST IDLE
"""
ZOHO = """
IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID AUTH=PLAIN SASL-IR UIDPLUS ESEARCH LIST-EXTENDED LIST-STATUS WITHIN LITERAL-
APPENDLIMIT=20971520 CONDSTORE
"""
ICLOUD = """
CONDSTORE CONTEXT=SORT ENABLE ESEARCH ESORT ID IDLE IMAP4 IMAP4rev1 LIST-STATUS NAMESPACE QRESYNC QUOTA SASL-IR SORT UIDPLUS UNSELECT
WITHIN X-APPLE-REMOTE-LINKS XAPPLELITERAL XAPPLEPUSHSERVICE
"""
YAHOO = """
IMAP4rev1 ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS LITERAL+ CHILDREN UNSELECT X-MSG-EXT OBJECTID IDLE ENABLE UIDONLY X-UIDONLY
LIST-EXTENDED LIST-STATUS SPECIAL-USE MESSAGELIMIT=1000 PARTIAL APPENDLIMIT=41697280
"""
YAHOO_BEFORE = "IMAP4rev1 ID MOVE NAMESPACE XYMHIGHESTMODSEQ UIDPLUS LITERAL+ CHILDREN X-MSG-EXT UNSELECT OBJECTID"
HOSTS = {
    "Gmail": (GMAIL, ANY_KEYWORD, {"IDLE", "MOVE", "keywords"}),
    "Exchange Online": (EXCHANGE_ONLINE, SYSTEM_FLAGS | {"$mdnsent"}, {"IDLE", "MOVE"}),
    "Dovecot 2.3, as cPanel has it": (DOVECOT, ANY_KEYWORD, {"IDLE", "MOVE", "keywords"}),
    "Fastmail": (CYRUS, ANY_KEYWORD, {"IDLE", "MOVE", "keywords"}),
    "Zoho": (ZOHO, SYSTEM_FLAGS, {"IDLE", "MOVE"}),
    "iCloud": (ICLOUD, ANY_KEYWORD, {"IDLE", "UIDPLUS", "keywords"}),
    "Yahoo": (YAHOO, ANY_KEYWORD, {"IDLE", "MOVE", "keywords"}),
    "Yahoo, before it had IDLE": (YAHOO_BEFORE, ANY_KEYWORD, {"MOVE", "keywords"}),
    "pymap, which takes a keyword and forgets it": ("IMAP4rev1 IDLE UIDPLUS", SYSTEM_FLAGS, {"IDLE", "UIDPLUS"}),
    "a server of 1998": ("IMAP4rev1 NAMESPACE", None, {"keywords"}),
    "IMAP4rev2, whose MOVE maild uses only where it is named": ("IMAP4rev1 IMAP4rev2 IDLE", ANY_KEYWORD, {"IDLE", "keywords"}),
}


@pytest.mark.parametrize(("capabilities", "permanent", "wanted"), HOSTS.values(), ids=HOSTS)
def test_the_large_hosts(capabilities, permanent, wanted):
    """What each can do is read from its own words; a keyword has to be among those that last."""
    host = a_host(capabilities=frozenset(capabilities.upper().split()), permanent_flags=permanent)
    told = said(judged(host=host), "mail host", Grade.OK)
    found = {word for word in ("IDLE", "MOVE", "UIDPLUS", "keywords") if word in told}
    assert found == wanted


PROOFS = [
    ("nothing is configured: the line is given", {}, {}, ['[authentication] authserv_id = "mx.pymalta.test"'], Grade.NOTE),
    ("it is configured: silence", {"authserv_id": "mx.pymalta.test"}, {}, [], None),
    (
        "another is configured: a fault",
        {"authserv_id": "mx.old.test"},
        {},
        ['[authentication] authserv_id = "mx.pymalta.test"'],
        Grade.FAULT,
    ),
    (
        "Exchange: both lines",
        {},
        {"plain": landed(proof=EXCHANGE)},
        ['[authentication] authserv_id = "outlook.com"', '[authentication] form = "exchange"'],
        Grade.NOTE,
    ),
    (
        "no longer Exchange: the form goes back",
        {"authserv_id": "mx.pymalta.test", "form": Form.EXCHANGE},
        {},
        ['[authentication] form = "standard"'],
        Grade.FAULT,
    ),
    ("a forged one is believed: no line", {}, {"forged": landed(forged=Fate.BELIEVED)}, [], Grade.NOTE),
    (
        "a forged one is believed and the name is configured: it has to go",
        {"authserv_id": "mx.pymalta.test"},
        {"forged": landed(forged=Fate.BELIEVED)},
        ['[authentication] authserv_id = ""'],
        Grade.FAULT,
    ),
    ("a forged one stays below: safe", {"authserv_id": "mx.pymalta.test"}, {"forged": landed(forged=Fate.BELOW)}, [], None),
    (
        "Google's cannot be tried from inside",
        {"authserv_id": "mx.google.com"},
        {"plain": landed(proof=GOOGLE), "forged": landed(forged=Fate.BELOW)},
        [],
        Grade.NOTE,
    ),
    ("a forged mail that is lost does no harm", {"authserv_id": "mx.pymalta.test"}, {"forged": Post()}, [], None),
    ("nobody signs", {}, {"plain": landed(proof=None), "forged": None}, [], Grade.NOTE),
    (
        "nobody signs our mail, but mail of others",
        {},
        {"plain": landed(proof=None), "witnesses": {GOOGLE: 1}},
        ['[authentication] authserv_id = "mx.google.com"'],
        Grade.NOTE,
    ),
]


@pytest.mark.parametrize(("present", "seen", "wanted", "grade"), [row[1:] for row in PROOFS], ids=[row[0] for row in PROOFS])
def test_who_proves_senders(present, seen, wanted, grade):
    """Only lines that differ from what stands there, and a fault only where something configured is wrong."""
    judgement = judged(present, **seen)
    assert [line for line in lines(judgement) if line.startswith("[authentication]")] == wanted
    graded = {one.grade for one in judgement.findings if one.about == "authserv-id"} - {Grade.OK}
    assert graded == ({grade} if grade else set())


def test_the_words_of_the_configuration_are_forms():
    """What `form` can be in config.toml is what a reader of proofs can be told, word by word."""
    assert set(get_args(Authentication.model_fields["form"].annotation)) == {form.value for form in Form}


@pytest.mark.parametrize(
    ("host", "proof"),
    [
        ("imap.gmail.com", GOOGLE),
        ("IMAP.GoogleMail.com", GOOGLE),
        ("outlook.office365.com", EXCHANGE),
        ("outlook.com", EXCHANGE),
        ("notgmail.com", None),
        ("gmail.com.example.org", None),
    ],
)
def test_hosts_that_everybody_knows(host, proof):
    """Their proofs are those that `maild init` would write down."""
    assert known_proof(host) == proof


WITNESSES = [
    ("our own mail alone", OWN, {}, OWN),
    ("mail of others alone", None, {GOOGLE: 1}, GOOGLE),
    ("too few others to matter", OWN, {GOOGLE: 2}, OWN),
    ("others who agree count for more", OWN, {GOOGLE: 3}, GOOGLE),
    ("others who do not agree count for nothing", OWN, {GOOGLE: 3, EXCHANGE: 3}, OWN),
    ("nobody at all", None, {}, None),
]


@pytest.mark.parametrize(("own", "others", "wanted"), [row[1:] for row in WITNESSES], ids=[row[0] for row in WITNESSES])
def test_whose_word_counts(own, others, wanted):
    """Staff write from outside, so mails from outside are the better witnesses, where there are enough."""
    assert proof_of(an_echo(proof=own), others) == wanted


PLUS = [
    ("it works", Post(landed=landed().landed), False, ["[smtp] plus_addressing = true"], Grade.OK),
    ("it works and is configured", Post(landed=landed().landed), True, [], Grade.OK),
    ("refused", Post(refusal="550 no such user"), False, [], Grade.NOTE),
    ("refused but configured", Post(refusal="550 no such user"), True, ["[smtp] plus_addressing = false"], Grade.FAULT),
    ("comes back", Post(returned=True), True, ["[smtp] plus_addressing = false"], Grade.FAULT),
    ("vanishes", Post(), True, ["[smtp] plus_addressing = false"], Grade.FAULT),
    ("sorted into a folder", landed("Junk"), True, ["[smtp] plus_addressing = false"], Grade.FAULT),
]


@pytest.mark.parametrize(("plus", "configured", "wanted", "grade"), [row[1:] for row in PLUS], ids=[row[0] for row in PLUS])
def test_plus_addresses(plus, configured, wanted, grade):
    """A configuration that relies on what the host has not is a fault."""
    judgement = judged({"plus_addressing": configured}, plus=plus)
    assert [line for line in lines(judgement) if line.startswith("[smtp]")] == wanted
    assert [one.grade for one in judgement.findings if one.about == "plus-addressing"] == [grade]


ARRIVALS = [
    ("slow", {"plain": landed(seconds=90.0)}, Grade.NOTE, "That is slow"),
    ("rewritten, and no way round", {"plain": landed(message_id_kept=False), "plus": Post()}, Grade.NOTE, "[confirm:CODE]"),
    ("rewritten, and a way round", {"plain": landed(message_id_kept=False)}, Grade.NOTE, "plus_addressing = true"),
    ("another sender", {"plain": landed(sender_kept=False)}, Grade.FAULT, "Send mail as"),
    ("no mark", {"plain": landed(mark_kept=False)}, Grade.FAULT, "X-Maild-Loop"),
    ("refused", {"plain": Post(refusal="550 no")}, Grade.FAULT, "(550 no)"),
    ("came back", {"plain": Post(returned=True)}, Grade.FAULT, "undeliverable"),
    ("lost", {"plain": Post()}, Grade.FAULT, "within 120 s"),
]


@pytest.mark.parametrize(("seen", "grade", "words"), [row[1:] for row in ARRIVALS], ids=[row[0] for row in ARRIVALS])
def test_the_way_of_a_mail(seen, grade, words):
    """Each thing that can happen on the way has its sentence."""
    assert words in said(judged(**seen), "round trip", grade)


@pytest.mark.parametrize(
    ("junk", "by_use", "how"),
    [("auto", True, "found by its special use"), ("auto", False, "found by its name"), ("Junk", True, "as [imap] junk says")],
)
def test_how_the_junk_folder_is_known(junk, by_use, how):
    """A folder that the configuration names was not found by anything."""
    assert how in said(judged({"junk": junk}, host=a_host(junk_by_use=by_use)), "junk", Grade.OK)


JUNKS = [
    ("in the folder that is watched anyway", landed("Junk"), "auto", [], Grade.NOTE),
    ("in a folder that nobody watches", landed("Spamverdacht"), "auto", ['[imap] junk = "Spamverdacht"'], Grade.FAULT),
    ("the same, and Junk is off", landed("Spamverdacht"), "off", [], Grade.NOTE),
    ("a name in another script", landed("Нежелательная"), "auto", ['[imap] junk = "Нежелательная"'], Grade.FAULT),
    ("a name with a quote", landed('Sp"am\\'), "auto", ['[imap] junk = "Sp\\"am\\\\"'], Grade.FAULT),
]


@pytest.mark.parametrize(("plain", "junk", "wanted", "worst"), [row[1:] for row in JUNKS], ids=[row[0] for row in JUNKS])
def test_where_spam_goes(plain, junk, wanted, worst):
    """A folder in which reports might lie is watched, or named."""
    judgement = judged({"junk": junk}, plain=plain)
    assert [line for line in lines(judgement) if line.startswith("[imap]")] == wanted
    grades = {one.grade for one in judgement.findings if one.about == "junk"}
    assert (Grade.FAULT in grades) is (worst is Grade.FAULT)
    assert Grade.NOTE in grades


def test_a_line_is_toml():
    """Whatever the value holds, the line can be pasted."""
    import tomllib

    for value in ('Sp"am\\', "Нежелательная", True, False, "tab\there", "delete\x7f"):
        assert tomllib.loads(Setting(table="imap", key="junk", value=value).line) == {"junk": value}


def reading(theirs, *, exact=True):
    return Reading(
        source="the IMAP server",
        theirs=NOW + timedelta(seconds=theirs),
        earliest=NOW - timedelta(seconds=10) if exact else None,
        latest=NOW,
    )


CLOCKS = [
    ("nothing to compare with", [], Grade.OK, "--round-trip"),
    ("the same time", [reading(-5)], Grade.OK, "agrees"),
    ("a minute off is nothing", [reading(100)], Grade.OK, "agrees"),
    ("theirs ahead", [reading(121)], Grade.FAULT, "2 min behind"),
    ("theirs behind", [reading(-131)], Grade.FAULT, "2 min ahead of"),
    ("old mail says nothing", [reading(-9999, exact=False)], Grade.OK, "--round-trip"),
    ("mail from the future does", [reading(3600, exact=False)], Grade.FAULT, "60 min behind"),
    ("the worst counts", [reading(0), reading(600), reading(200)], Grade.FAULT, "10 min behind"),
]


@pytest.mark.parametrize(("readings", "grade", "words"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_clocks(readings, grade, words):
    """Two minutes are the most that clocks kept by NTP are apart."""
    found = clock_finding(readings)
    assert (found.grade, words in found.sentence) == (grade, True)


@pytest.mark.parametrize(
    ("greeting", "moment"),
    [
        ("mx.test ESMTP Exim 4.96 Mon, 23 Nov 2026 10:00:00 +0100", NOW),
        ("AM0PR01 Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 09:00:00 +0000 [08DC]", NOW),
        ("mx.test ESMTP Postfix (Debian/GNU)", None),
        ("smtp.gmail.com ESMTP a1-20020a05 - gsmtp", None),
        ("mx.test ESMTP Mon, 31 Feb 2026 10:00:00 +0100", None),
        ("", None),
    ],
)
def test_what_a_greeting_tells(greeting, moment):
    """Exim and Exchange say what time it is; others do not."""
    assert date_in(greeting) == moment
