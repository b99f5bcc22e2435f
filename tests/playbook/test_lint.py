"""Promises and pressure in letters to reporters (playbook lines 22 to 34), in English and in Maltese."""

import time
import tomllib
from pathlib import Path

import pytest

from maild.playbook.lint import PRESSING, PROMISE, objections
from maild.playbook.phrases import PRESSURE, PRESSURE_MT, PROMISES, PROMISES_MT

QUOTING = Path(__file__).parent.parent / "quoting" / "expected.toml"

TABLES = {
    "promises": (PROMISES, PROMISE),
    "pressure": (PRESSURE, PRESSING),
    "promises in Maltese": (PROMISES_MT, PROMISE),
    "pressure in Maltese": (PRESSURE_MT, PRESSING),
}


@pytest.mark.parametrize(("phrases", "reading"), TABLES.values(), ids=TABLES)
def test_every_phrase_is_found_in_a_sentence(phrases, reading):
    """Each phrase of the tables is found as whole words, whatever its case and its apostrophes, and inside other words it is not."""
    for phrase in phrases:
        for written in (phrase, phrase.upper(), phrase.replace("'", "’")):
            assert objections(f"Well, {written}!")[0].endswith(reading), written
        assert objections(f"x{phrase}x".replace(" ", "x").replace("'", "x").replace("-", "x")) == (), phrase


HELD = [
    ("We will ban him.", "“we will ban” may be read as a promise", "a promise"),
    ("We'll\nexpel them!", "“we'll expel” may be read as a promise", "over the end of a line"),
    ("He WILL BE BANNED.", "“he will be banned” may be read as a promise", "in capitals"),
    ("I promise you that", "“I promise” may be read as a promise", "in so many words"),
    ("It will never happen again.", "“never happen again” may be read as a promise", "what nobody can know"),
    ("You must tell us when it was.", "“you must” may press the reporter", "pressure to tell"),
    ("You really must call the police.", "“you must” may press the reporter", "a word that makes it stronger"),
    ("We will definitely, absolutely ban them.", "“we will ban” may be read as a promise", "two of them"),
    ("If it was Ben, you must tell us.", "“you must” may press the reporter", "an if at another place"),
    ("You should report this.", "“you should report” may press the reporter", "pressure to act"),
    ("We can't help unless you name them.", "“can't help unless you” may press the reporter", "a condition"),
    ("Why didn’t you say so?", "“why didn't you” may press the reporter", "a reproach, with a curly apostrophe"),
    ("Answer us? Please reply as soon as possible.", "“reply as soon as possible” may press the reporter", "haste"),
    ("Se nkeċċuh mill-grupp.", "“se nkeċċuh” may be read as a promise", "Maltese: we will expel him"),
    ("SE NKECCUH", "“se nkeċċuh” may be read as a promise", "as it is typed without Maltese letters"),
    ("Inwiegħdek li naraw x'ġara.", "“inwiegħdek” may be read as a promise", "Maltese: I promise you"),
    ("Ma jerġax jiġri.", "“ma jerġax jiġri” may be read as a promise", "Maltese: it will not happen again"),
    ("Għandek tirrapporta l-każ.", "“għandek tirrapporta” may press the reporter", "Maltese: you should report"),
    ("Ghaliex ma ghidtilniex?", "“għaliex ma għidtilniex” may press the reporter", "Maltese: why did you not tell us"),
    ("Ma nistgħux ngħinuk jekk ma tgħidilniex.", "“ma nistgħux ngħinuk jekk ma” may press the reporter", "Maltese: a condition"),
    ("He'll be banned by tomorrow.", "“he'll be banned” may be read as a promise", "a promise in short"),
    ("We shall expel this person.", "“we shall expel” may be read as a promise", "a solemn one"),
    ("We'll have her removed.", "“we'll have her removed” may be read as a promise", "done by others"),
    ("We're banning him today.", "“we're banning him” may be read as a promise", "as if it were done"),
    ("He will get a ban.", "“he will get a ban” may be read as a promise", "a promise as a thing"),
    ("We want to see that justice is done.", "“justice is done” may be read as a promise", "a big word"),
    ("Without a name we can't go on.", "“without a name we can't” may press the reporter", "a condition that is not called one"),
    ("Are you sure that you did not misunderstand?", "“are you sure that you did not” may press the reporter", "a doubt"),
    ("They will not get away with it.", "“will not get away with” may be read as a promise", "a threat for others to hear"),
    ("You'll be safe with us.", "“you'll be safe” may be read as a promise", "of safety"),
    ("Unless you tell us who it was, we stop.", "“unless you tell us who” may press the reporter", "a condition that comes first"),
    ("If not, we will have to close your case.", "“have to close your case” may press the reporter", "a consequence"),
    ("It's your duty to speak.", "“it's your duty” may press the reporter", "a duty"),
    ("Se titkeċċa mill-konferenza.", "“se titkeċċa” may be read as a promise", "Maltese: will be expelled"),
    ("Din il-persuna se tkun sospiza.", "“se tkun sospiża” may be read as a promise", "Maltese: will be suspended, as it is typed"),
    ("Nwegħduk li naġixxu.", "“nwegħduk” may be read as a promise", "Maltese: we promise you, as it is spelled"),
    ("Irridu li tgħidilna min kien.", "“irridu li tgħidilna” may press the reporter", "Maltese: we want you to tell us"),
    ("Jekk ma twieġebx nagħlqu l-każ.", "“jekk ma twieġebx nagħlqu” may press the reporter", "Maltese: a consequence"),
]


@pytest.mark.parametrize(("text", "sentence", "why"), HELD, ids=[why for *_, why in HELD])
def test_promises_and_pressure_are_named(text, sentence, why):
    """The writer is told the phrase in its ordinary spelling, and what it may be read as."""
    assert objections(text) == (sentence,)


FREE = [
    "Thank you for telling us. We take it seriously and will look into it.",
    "You do not have to do anything.",
    "You don't need to answer this.",
    "If you need to talk, we are here.",
    "Write whenever you have to, at any hour.",
    "Please do not feel that you have to answer.",
    "That does not mean you must decide today.",
    "Tell us anything you need to say, or nothing.",
    "We cannot promise what the outcome will be.",
    "We will write to you again within a week.",
    "We spoke with the person, who is banned from the forum until March.",
    "We decided to expel the person.",
    "Would it help if somebody walked with you?",
    "If you would like to report it to the police, one of us can come with you.",
    "The police can be reached under 112.",
    "You were right to tell us.",
    "You really do not have to do anything; just tell us if you wish.",
    "We will remember what you wrote.",
    "Nirringrazzjawk talli ktibtilna. Se naraw x'ġara u nerġgħu niktbulek fi żmien ġimgħa.",
    "M'għandekx għalfejn tagħmel xejn.",
    "Jekk trid tgħidilna aktar, wieġeb din l-ittra.",
    "Tista' tkellimna meta trid.",
    "Ma nistgħux inwiegħdu x'se jiġri, u ma nistgħux nwegħduk riżultat.",
    "Għadna ma nafux jekk hux se tkun sospiża.",
    "We hope that you feel safe. Are you safe now?",
    "If you do not reply, that is fine too.",
    "We will not write again unless you tell us to.",
    "You owe nobody an explanation.",
    "",
]


@pytest.mark.parametrize("text", FREE)
def test_friendly_words_are_free(text):
    """What a kind letter says is not held: the opposite of pressure, an offer, a decision that was made."""
    assert objections(text) == ()


def test_the_replies_of_the_client_fixtures_are_free():
    """No reply of tests/quoting is held for its words."""
    expected = tomllib.loads(QUOTING.read_text())
    assert len(expected) > 25
    assert {name: found for name, one in expected.items() if (found := objections(one["command"]))} == {}


def test_every_phrase_of_a_text_is_told_once():
    """All that has to be mended at once, and the same thing not twice."""
    assert len(objections("We will ban him. You must wait. We will ban her.")) == 2


def test_the_longest_phrase_is_named():
    """The whole of what was written, not its beginning."""
    assert objections("You should report it and you should report more.") == objections("You should report it.")
    assert objections("Nobody will ever know.") == ("“nobody will ever know” may be read as a promise",)


def test_reading_takes_linear_time():
    """Ten times the text takes about ten times as long, be it made of beginnings of phrases."""

    def seconds(times):
        started = time.process_time()
        objections("you we ghandek ma he will is " * times)
        return time.process_time() - started

    assert seconds(50_000) < 40 * max(seconds(5_000), 0.005)
