"""Command lines in a text and in a Subject: what is a command, what is a fault, what is text, and what belongs to which."""

import pytest

from maild.playbook.commands import Command, Fault, read, read_subject, strip_commands


def seen(text):
    """What was read, short: verbs, `!` before the written form of a fault."""
    return [item.verb if isinstance(item, Command) else f"!{item.written}" for item in read(text).commands]


def one(text):
    """The only item of a text."""
    (item,) = read(text).commands
    return item


ALONE = [
    ("[take]", ["take"], "a tag alone on its line is a command"),
    ("[TAKE]", ["take"], "in any case"),
    ("   [take]  ", ["take"], "with blanks around it"),
    ("\t[ take ]\r", ["take"], "with blanks inside, tabs, and the carriage return of a mail"),
    ("[take] [drop]", ["take", "drop"], "several stand on one line"),
    ("[take][drop]", ["take", "drop"], "also without a blank between"),
    ("Hello\n[take]\nBye\n[drop]", ["take", "drop"], "anywhere in the text, in written order"),
    ("*[take]*", ["take"], "bold, as a client writes it in plain text"),
    ("**[take]** _[drop]_", ["take", "drop"], "several emphasised ones"),
    ("- [take]", ["take"], "in a list"),
    ("\u2022 [take]", ["take"], "with a real bullet"),
    ("1. [take]\n2) [note]\nx", ["take", "note"], "in a list with numbers"),
    ("2026. [take]", [], "below a year, which is no number of a list"),
    ("1 [take]", [], "a number without its point"),
    ("[urgent!]", ["urgent"], "an exclamation mark is not what an alarm fails for"),
    ("[not_a_report:spam]", ["not-a-report"], "an underscore reads as a hyphen"),
    ("[determine\nviolation=yes\nwho=P1]", ["determine"], "over several lines, as clients wrap"),
    ("[take] [determine violation=yes\nwho=P1] [drop]", ["take", "determine", "drop"], "the second of three wrapped"),
    ("please [take] this", [], "inside a sentence it is text"),
    ("please [take]", [], "at the end of a sentence too"),
    ("> [take]", [], "and behind a mark of quotation, if one ever gets here"),
    ("[[take]]", [], "doubled brackets are no tag"),
    ("(take)", [], "nor are round ones"),
    ("take", [], "nor is the bare word"),
    ("", [], "nothing in nothing"),
]


@pytest.mark.parametrize(("text", "verbs", "why"), ALONE, ids=[why for *_, why in ALONE])
def test_a_command_stands_alone_on_its_line(text, verbs, why):
    """Tags count where they stand alone on a line, whatever clients put around them."""
    assert seen(text) == verbs


ORDINARY_LINES = [
    ("[...]", "an omission"),
    ("[1]", "a footnote"),
    ("[12:30]", "a time"),
    ("[x]", "a ticked box"),
    ("[ ]", "an empty box"),
    ("[]", "nothing"),
    ("[\u2026]", "an ellipsis"),
    ("[image: photo.jpg]", "Gmail's place of a picture"),
    ("[Image]", "an image without a name"),
    ("[cid:image001.png@01D8A2B3.4C5D6E70]", "Outlook's place of a picture"),
    ("[cid:ii_l8abcdef0]", "Gmail's place of a picture within the text"),
    ("[https://example.org/logo.png]", "an address"),
    ("[mailto:ana@example.org]", "a mail address"),
    ("[EXTERNAL]", "a banner"),
    ("[EXTERNAL EMAIL]", "a banner of two words"),
    ("[SPAM]", "a filter's banner, though spam is one of our words"),
    ("[DATE]", "a placeholder"),
    ("[Warning: external sender]", "a banner with a colon"),
    ("[External sender]", "a banner of two words in small letters"),
    ("[Message clipped]", "a webmail's remark"),
    ("[Company Logo]", "the description of a picture"),
    ("[LinkedIn]", "a button of a signature"),
    ("[Notes from the meeting]", "a heading that begins like a tag of ours"),
    ("[score: 0.0000]", "a filter's result"),
    ("[192.0.2.7]", "a number of a network"),
    ("[OK]", "a short word"),
    ("[Quoted text hidden", "brackets that never close, of words that are not ours"),
    ("[Ana] I saw it too", "a line of a chat"),
    ("[Ana] [12:30] I saw it too", "a line of a chat with its time"),
    ("[Notes] from yesterday", "a misspelt tag that goes on as a sentence"),
    ("[/quote]", "the end of a forum's quotation"),
    ("[" + "a" * 3000 + "]", "what nobody typed"),
]


@pytest.mark.parametrize(("line", "why"), ORDINARY_LINES, ids=[why for *_, why in ORDINARY_LINES])
def test_what_clients_leave_in_brackets_is_text(line, why):
    """A banner or a picture must not spoil a command mail, wherever in it they stand."""
    assert read(line).note == line.strip("\n")
    reading = read(f"{line}\n\n[reply]\nDear\n{line}\nBye\n{line}")
    assert [item.verb for item in reading.commands] == ["reply"]
    assert reading.commands[0].text == f"Dear\n{line}\nBye\n{line}"


MEANT_LINES = [
    ("[reslove:nothing]", "[resolve:nothing]", "swapped letters"),
    ("[replay]", "[reply]", "another word"),
    ("[REPLLY]", "[reply]", "capitals, if they are nearly a tag"),
    ("[detirmane violation=yes]", "[determine violation=yes]", "two slips in a long word"),
    ("[not-report:spam]", "[not-a-report:spam]", "a part left out"),
    ("[asign ana]", "[assign:ana]", "a word where the value belongs"),
    ("[spam]", "[not-a-report:spam]", "a value without its verb"),
    ("[private_reprimand to=P1]", "[resolve:private-reprimand to=P1]", "a resolution without its verb"),
    ("[violation=yes who=P1]", "[determine violation=yes who=P1]", "keys without their verb"),
    ("[mine]", "[list:mine]", "a list without its verb"),
    ("[answer]", "[reply]", "not the nearest by letters, which would end a duty"),
    ("[internal]", "[note]", "what a person means as the end of a letter"),
    ("[emergency]", "[urgent]", "another word for it"),
    ("[quiet-harbour]", "[case:quiet-harbour]", "the code name of a case"),
    ("[determine vilation=yes safty=no]", "[determine violation=yes safety=no]", "two misspelt keys"),
    ("[determine vilation=yse]", "[determine violation=yes]", "a misspelt value of a misspelt key"),
    ("[determine vilation=perhaps]", None, "a value too far off to guess, beside a key that is not"),
    ("[reply anywya]", "[reply anyway]", "a misspelt word"),
    ("[resolve:private-reprimend]", "[resolve:private-reprimand]", "a misspelt kind"),
    ("[list opne]", "[list:open]", "a misspelt list"),
    ("[determine who=unkown]", "[determine who=unknown]", "a misspelt word that must not become a person"),
    ("[frobnicate]", None, "a word that is near to nothing"),
    ("[frobnicate:P1]", None, "also with a value"),
    ("[RELAESE:autumn]", "[release:autumn]", "a long verb with two letters swapped, in capitals"),
    ("[ban:P1]", None, "a measure this release cannot take"),
    ("[spam:now]", None, "a value with a value"),
    ("[Ana]", None, "a name, because nothing tells it from a tag"),
]


@pytest.mark.parametrize(("line", "nearest", "why"), MEANT_LINES, ids=[why for *_, why in MEANT_LINES])
def test_what_was_meant_is_a_fault_with_the_nearest_spelling(line, nearest, why):
    """A misspelt tag does nothing and says how it is spelled; what it recommends is a command."""
    fault = one(line)
    assert isinstance(fault, Fault)
    assert fault.nearest == nearest
    assert fault.sentence.endswith((".", "]"))
    if nearest:
        assert isinstance(one(nearest), Command)


def test_a_fault_ends_the_text_before_it():
    """What stands under a misspelt tag never leaves with the letter above it."""
    reply, fault = read("[reply]\nDear reporter\n[nte]\nHe lies.").commands
    assert (reply.text, fault.text) == ("Dear reporter", "He lies.")


BESIDE = [
    ("[reply] Dear reporter,\nthank you", "Dear reporter,\nthank you", "the words of a letter on the tag's line"),
    ("[reply].\nDear", ".\nDear", "a full stop, as at the end of a sentence"),
    ("[take] [reply] Dear", "Dear", "only the last tag of the line is beside them"),
    ("[resolve] nothing", "nothing", "a tag that is wrong by itself"),
    ("[take] [x] [reply]", "[x] [reply]", "brackets that are no tag are words"),
    ("[determine\nviolation=yes] he shouted\nand left", "he shouted\nand left", "after the end of a wrapped tag"),
]


@pytest.mark.parametrize(("text", "words", "why"), BESIDE, ids=[why for *_, why in BESIDE])
def test_words_beside_a_tag_are_a_fault(text, words, why):
    """Words on the line of a tag belong to it, so the line is neither carried out without them nor left inside a text that leaves."""
    fault = read(text).commands[-1]
    assert isinstance(fault, Fault)
    assert fault.text == words


UNCLOSED = [
    ("[reply\nDear", "[reply", "no bracket closes"),
    ("[reply\n\nDear]", "[reply", "an empty line comes first"),
    ('[determine who="Max]\nHe said stop]', '[determine who="Max]', "a quotation mark has no partner"),
    ("[note [take]]", "[note [take]]", "another one opens first"),
    ("[note\n[take]", "[note", "the next line has a tag"),
    ("[report" + "\nx" * 12 + "]", "[report", "it ends beyond the lines a tag may have"),
    ("[report " + "x " * 1000 + "]", "[report " + ("x " * 96) + "\u2026", "it ends beyond the characters a tag may have"),
    ("[take] [reply\nDear", "[take]", "the second of a line does not close"),
]


@pytest.mark.parametrize(("text", "written", "why"), UNCLOSED, ids=[why for *_, why in UNCLOSED])
def test_a_tag_that_does_not_end_is_a_fault(text, written, why):
    """Nothing tells where the words of a letter would begin, so nothing is guessed."""
    fault = read(text).commands[0]
    assert isinstance(fault, Fault)
    assert fault.written == written


def test_a_tag_may_have_twelve_lines():
    """The bound on wrapped tags is beyond what the narrowest phone makes of the longest example."""
    assert seen("[determine" + "\nwhat" * 11 + "]") == ["determine"]
    assert seen("[determine" + "\nwhat" * 12 + "]") == ["![determine"]


def test_text_belongs_to_the_last_tag_of_the_line_above():
    """Text before the first command is a note; inner lines stay as they are, blank ones at the ends go."""
    text = "\n Hello team,\n\nsee below.  \n\n[take] [reply]\n\n  Dear\u00a0reporter,\r\n\n\u201cthank you\u201d\n\n \n[drop]\n\n"
    reading = read(text)
    assert reading.note == " Hello team,\n\nsee below.  "
    assert [(item.verb, item.text) for item in reading.commands] == [
        ("take", ""),
        ("reply", "  Dear\u00a0reporter,\r\n\n\u201cthank you\u201d"),
        ("drop", ""),
    ]
    assert reading.has_commands
    assert not read("Hello").has_commands


ALARMS = [
    ("[urgent]", "urgent", "", "the tag"),
    ("[urgent]\nHe is in the building.", "urgent", "He is in the building.", "with text below"),
    ("[urgent] He is\n\nhere.", "urgent", "He is\n\nhere.", "with words beside it, which are no mistake here"),
    ("[urgent: he has a knife]\nnow", "urgent", "he has a knife\nnow", "with words inside it"),
    ("[URGENT now=yes please]", "urgent", "now=yes please", "with anything inside it"),
    ("[urgent now] come", "urgent", "now come", "inside and beside it"),
]


@pytest.mark.parametrize(("text", "verb", "words", "why"), ALARMS, ids=[why for *_, why in ALARMS])
def test_an_alarm_is_never_refused(text, verb, words, why):
    """A person in danger does not wait for correct spelling."""
    command = one(text)
    assert isinstance(command, Command)
    assert (command.verb, command.text) == (verb, words)


FAULTY_ALARMS = [
    ("[urgnt]", True, "a misspelt tag"),
    ("[emergency: now]", True, "another word for it"),
    ("[urgent\nHe is here", True, "one that does not end"),
    ("[determine safety=yes wo=P1]", True, "safety beside a mistake"),
    ("[determine saftey=yes]", True, "a misspelt safety"),
    ("[detremine safety = YES]", True, "a misspelt determination"),
    ('[determine what\nsafety="yes"', True, "one on the second line of a tag that does not end"),
    ("[determine safety=yes] he is here", True, "one with words beside it"),
    ("[frobnicate safety=yes]", True, "one in a tag that is near to nothing"),
    ("[determine safety=no wo=P1]", False, "no danger"),
    ("[replay]", False, "nothing of the kind"),
    ("[take\nI felt unsafe=yes", False, "a word that only ends like it"),
]


@pytest.mark.parametrize(("text", "urgent", "why"), FAULTY_ALARMS, ids=[why for *_, why in FAULTY_ALARMS])
def test_a_fault_tells_whether_it_asks_for_the_alarm(text, urgent, why):
    """Safety counts even where the tag that says so is refused (product.md principle 7)."""
    fault = one(text)
    assert isinstance(fault, Fault)
    assert fault.urgent is urgent


def test_too_many_tags_are_one_fault():
    """Fifty tags are read; with one more the rest of the mail is a single fault, so that nothing of it is done."""
    assert seen("[take]\n" * 50) == ["take"] * 50
    assert seen("[take]\n" * 51 + "Hello\n[drop]") == ["take"] * 50 + ["![take]"]
    assert seen("[take]" * 1000) == ["![take]"]
    assert read("[take]\n" * 51 + "[urgent]").commands[-1].urgent
    assert strip_commands("Hello\n" + "[take]\n" * 51 + "rest") == "Hello"


SUBJECTS = [
    ("[list:open]", ["list"], "a tag alone"),
    ("[help] please", ["help"], "at the beginning"),
    ("please [help]", ["help"], "at the end"),
    ("[urgent] Something happened [take]", ["urgent", "take"], "at both"),
    ("[EXT] [urgent] [x] Something", ["urgent"], "among brackets of others"),
    ("[take] [drop]", ["take", "drop"], "several, each once"),
    ("a [take] b", [], "in the middle it is text"),
    ("[list] Hello", [], "the name of a list, though the word is ours"),
    ("[Notes] Hello", [], "a word near to ours"),
    ("[quiet-harbour] Hello", [], "a code name"),
    ("[frobnicate] Hello", [], "any other word"),
    ("[name=Bar] Hello", [], "what other robots read"),
    ("[list:opne]", ["![list:opne]"], "a mistake after a colon cannot be a list's name"),
    ("[reslove:nothing]", ["![reslove:nothing]"], "a misspelt tag with a value"),
    ("[list:\u00a0open] \u200b", ["list"], "typography as in a text"),
    ("[", [], "a lone bracket"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("subject", "verbs", "why"), SUBJECTS, ids=[why for *_, why in SUBJECTS])
def test_a_subject_may_carry_tags_at_its_ends(subject, verbs, why):
    """Brackets that lists and gateways put into a Subject are no commands and no faults."""
    items = read_subject(subject)
    assert [item.verb if isinstance(item, Command) else f"!{item.written}" for item in items] == verbs


def test_command_lines_are_taken_out_of_what_leaves():
    """Commands and faults go, every other line stays exactly as it was."""
    text = "Dear \u201cyou\u201d,\r\n\n[take] [determine what\nviolation=yes]\n  see [take] here\n[replly]\n[1]\n[note he lies\nBye\n"
    assert strip_commands(text) == "Dear \u201cyou\u201d,\r\n\n  see [take] here\n[1]\nBye\n"
