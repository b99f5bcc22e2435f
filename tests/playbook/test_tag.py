"""One tag: values, keys and words as the vocabulary has them, and everything that can be wrong with them."""

import pytest

from maild.playbook.tag import Command, Fault, read_tag
from maild.playbook.values import one_of
from maild.playbook.vocabulary import VERBS, Verb

UNDERSTOOD = [
    ("note", {}, "the verb is all it needs"),
    ("note:", {}, "a colon out of habit"),
    ("reply anyway", {"words": ("anyway",)}, "a word"),
    ("reply: ANYWAY", {"words": ("anyway",)}, "a colon where no value belongs parts the verb from the rest"),
    ("explain until=2026-12-01 anyway", {"keys": {"until": "2026-12-01"}, "words": ("anyway",)}, "a letter that was held back"),
    ("explain: until = 2026-1-2", {"keys": {"until": "2026-01-02"}}, "a date without its zeros"),
    ("assign:Ana", {"value": "ana"}, "handles are kept in lower case"),
    ("assign ana", {"value": "ana"}, "a blank instead of the colon"),
    ("assign=ana", {"value": "ana"}, "an equals sign instead of it"),
    ("assign : ana", {"value": "ana"}, "blanks around it"),
    ("told:p2", {"value": "P2"}, "references are kept in upper case"),
    ('told:"P2"', {"value": "P2"}, "a value may be quoted"),
    ("recuse", {}, "a value that may be left out"),
    ("recuse:", {}, "also after its colon"),
    ("recuse ana", {"value": "ana"}, "never the writer where somebody else is named"),
    ("case: Quiet-Harbour", {"value": "quiet-harbour"}, "codes are kept in lower case"),
    ("confirm ABCDEFGHIJKLMNOPQRSTUVWXY7", {"value": "abcdefghijklmnopqrstuvwxy7"}, "confirmation codes too"),
    ("not-a-report SPAM", {"value": "spam"}, "choices in any case"),
    ("resolve:Private_Reprimand to=p1,P2,p1", {"value": "private-reprimand", "keys": {"to": "P1,P2"}}, "a list has each reference once"),
    ("resolve:nothing silent", {"value": "nothing", "words": ("silent",)}, "a word that goes with the kind"),
    ('resolve:other label="coaching, a call"', {"value": "other", "keys": {"label": "coaching, a call"}}, "text with a comma"),
    ("determine", {}, "the text below may be all there is to determine"),
    ("determine: violation=CANNOT_TELL", {"keys": {"violation": "cannot-tell"}}, "a colon before the keys"),
    ("determine violation:yes", {"keys": {"violation": "yes"}}, "a colon instead of the equals sign"),
    ("determine:violation=yes", {"keys": {"violation": "yes"}}, "a key as if it were the value"),
    ("determine violation=yes, who=P1, P2, what, safety=no", None, "a word between commas belongs to the list before it"),
    (
        "determine what, violation=yes , who=P1, P2, safety=no",
        {"keys": {"violation": "yes", "who": "P1,P2", "safety": "no"}, "words": ("what",)},
        "commas between the keys",
    ),
    ('determine who="a,  tall man"', {"keys": {"who": "a; tall man"}}, "a comma in a description does not make two people"),
    ('determine who="p1, P2"', {"keys": {"who": "P1,P2"}}, "quoted references stay references"),
    ('determine who="Max Bell",P1,"Max Bell"', {"keys": {"who": "Max Bell,P1"}}, "names and references, each once"),
    ("determine who=Nobody", {"keys": {"who": "nobody"}}, "a choice beside names"),
    (
        'person:P1 name="Zoë O\'Neil" role=Witness',
        {"value": "P1", "keys": {"name": "Zoë O'Neil", "role": "witness"}},
        "names keep their case",
    ),
    ("person P1 address=Ana@Example.org", {"value": "P1", "keys": {"address": "Ana@Example.org"}}, "so do addresses"),
    (
        "person:P1 address=ana@example.org<mailto:ana@example.org> role=witness",
        {"value": "P1", "keys": {"address": "ana@example.org", "role": "witness"}},
        "an address that a client made clickable",
    ),
]


@pytest.mark.parametrize(("inside", "wanted", "why"), UNDERSTOOD, ids=[why for *_, why in UNDERSTOOD])
def test_tags_are_understood(inside, wanted, why):
    """Values come out canonical, whatever was left open about how to write them."""
    item = read_tag(inside)
    assert isinstance(item, Command) is (wanted is not None)
    if wanted is not None:
        assert item == Command(verb=item.verb, written=f"[{' '.join(inside.split())}]".replace("<mailto:ana@example.org>", ""), **wanted)


REFUSED = [
    (
        "resolve",
        "“resolve:” has no value: write nothing or private-reprimand or public-reprimand or vacation or ban or apology or other.",
        "a value is missing",
    ),
    ("resolve:", "“resolve:” has no value", "also after its colon"),
    ('told:""', "“told:” has no value: write the reference of one person on the case, such as P1.", "an empty value"),
    ("told:P1,P2", "“told:” cannot be “P1,P2”", "one person at a time"),
    ("told:Max", "“told:” cannot be “Max”", "a name is no reference"),
    ("told:P1=x", "“x” has no place after the value of [told:…].", "a second value"),
    ("take now", "[take] does not know “now”. It is written [take].", "a word that is none"),
    ("take to=P1", "[take] does not know “to=”.", "a key that is none"),
    ("note: she was rude", "It is written [note], with the text on the lines below.", "the text inside the tag"),
    ("determine violation", "“violation=” has no value: write yes or no or cannot-tell.", "a key without its value"),
    ("determine violation=", "“violation=” has no value", "nor after its sign"),
    ("person:P1 name= role=witness", "“name=” has no value: write some text in quotation marks.", "never the next key as a name"),
    ("determine violation=maybe", "“violation=” cannot be “maybe”: write yes or no or cannot-tell.", "no such choice"),
    ("determine what=x", "[determine] does not know “what=”.", "a word with a value"),
    ("determine who=Max", "“who=” cannot be “Max”: write references", "a bare name could be a misspelt word"),
    ('determine who="Max" Bell', "[determine] does not know “Bell”.", "a name half quoted"),
    ("determine who=P1,unknown", "“who=” cannot be “P1,unknown”", "somebody and nobody"),
    ('determine who=" , "', "“who=” cannot be “,”", "no name in the quotation"),
    ("determine safety=no safety=yes", "“safety=” stands more than once.", "two answers to one question"),
    ("explain", "[explain] alone says nothing: it needs until.", "a key is missing"),
    (
        "explain anyway",
        "[explain] alone says nothing: it needs until. It is written [explain (anyway) until=YEAR-MONTH-DAY]",
        "beside a word",
    ),
    ("explain until=tomorrow", "write a date as year-month-day, such as 2026-12-01.", "dates are written one way"),
    ('explain until="1 December 2026"', "write a date as year-month-day", "and no other"),
    ("explain until=2026-02-30", "“until=” cannot be “2026-02-30”", "a day that does not exist"),
    ("person:P1", "[person] alone says nothing: it needs name or role or address.", "nothing is said of the person"),
    ("person:P1 address=ana", "“address=” cannot be “ana”: write one e-mail address, such as name@example.org.", "no address"),
    ("confirm:ABC", "write the 26 letters and digits from our question.", "a code cut short"),
    ("case:a.b", "“case:” cannot be “a.b”", "no code name"),
    ("resolve:nothing days=3", "“days” does not go with [resolve:nothing].", "a key of another kind"),
    ("resolve:private-reprimand permanent to=P1", "“permanent” does not go with [resolve:private-reprimand].", "a word of another kind"),
    ("Frobnicate:x", "[Frobnicate] is no tag of ours; [help] lists them all.", "no tag of ours"),
    ("reslove:nohting", "[reslove] is no tag of ours. “resolve:” cannot be “nohting”", "both the verb and its value"),
    ("take " + "a " * 900, "[take] does not know “a”. " * 5 + "It is written [take].", "nine hundred mistakes"),
    ("assign:" + "é" * 900, f"“assign:” cannot be “{'é' * 200}…”", "a long value is not repeated whole"),
]


@pytest.mark.parametrize(("inside", "sentence", "why"), REFUSED, ids=[why for *_, why in REFUSED])
def test_mistakes_are_told(inside, sentence, why):
    """Each mistake has its sentence, and the sentence says how it is written."""
    item = read_tag(inside)
    assert isinstance(item, Fault)
    assert sentence in item.sentence


def test_all_mistakes_of_a_tag_are_told_at_once():
    """Nobody has to send four mails to learn of four mistakes."""
    item = read_tag("determine vilation=yes who=Max safety=perhaps now")
    assert item.sentence.count("“") >= 4
    assert (item.verb, item.nearest) == ("determine", None)


def test_each_kind_takes_its_own_keys():
    """Spaces and days, an end, the board's word."""
    assert read_tag("resolve:vacation to=P1 spaces=forum,chat days=7").keys == {"to": "P1", "spaces": "forum,chat", "days": "7"}
    assert read_tag("resolve:ban to=P1 spaces=all until=2027-01-01").keys["until"] == "2027-01-01"
    assert read_tag("resolve:public-reprimand to=P1 board-approved=yes").keys["board-approved"] == "yes"


def test_a_value_may_have_a_value(monkeypatch):
    """The form of `[support:police=wanted]`, which the grammar has and no verb of this release uses."""
    row = Verb(name="support", value=one_of("escort", "police"), subvalue=one_of("wanted", "declined"), effect="", example="")
    monkeypatch.setitem(VERBS, "support", row)
    assert read_tag("support:police=wanted") == Command(
        verb="support", value="police", subvalue="wanted", written="[support:police=wanted]"
    )
    assert read_tag("support:police=wantd").nearest == "[support:police=wanted]"
    assert "“support:police=” has no value" in read_tag("support:police").sentence
