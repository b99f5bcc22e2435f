"""The tags our letters show: each one works as it stands there, and none of them works by being quoted (security.md P-44)."""

import re
from html import escape
from textwrap import wrap

import pytest

from maild.mail.identity import Own
from maild.mail.parse import parse
from maild.mail.quoting import command_text
from maild.playbook.commands import Command, read
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.ticket import State
from tests.letters.every import LETTERS, WORLDS, acknowledged, new, rendered, taken, templates
from tests.letters.story import POLICY, Story, story_of

TO_US = [name for name in LETTERS if not any(name.startswith(kind.value) for kind in TO_REPORTER | TO_OTHERS)]


def _without_result(line: str) -> str:
    """A line of an answer without the tag it is about, which may be misspelt; the sentence about it repeats it."""
    found = re.match(r"[✓✗] (\[[^\]]*\])", line)
    return line.replace(found[1], "") if found else line


def shown(text: str) -> list[str]:
    """The tags that stand in the words of a letter."""
    own = "\n".join(_without_result(line) for line in text.split("\n") if not line.startswith(("|", "Written by: ", "Subject: ")))
    return re.findall(r"\[[a-z][^\]]*\]", own)


def text_of(story: Story, kind: Kind, to: str = "") -> str:
    return templates(POLICY).letter(story.letter(kind, to)).text


@pytest.mark.parametrize("name", TO_US)
def test_every_tag_we_show_is_understood(name):
    """Copied as it stands onto a line of its own, it is a command."""
    for tag in shown(rendered(name).text):
        (command,) = read(tag).commands
        assert isinstance(command, Command), tag


def filled_in(text: str) -> str:
    """What a tired volunteer makes of the numbered lines of a notice: the tags as they stand, a sentence where one is asked for."""
    steps = re.findall(r"(?m)^\d\. (.*)$", text)
    return "\n".join(step.removeprefix("the tag ") if step.startswith("the tag ") else "He followed Kim." for step in steps)


def test_the_example_in_a_notice_decides_the_case():
    """One answer made of nothing but the notice's own lines resolves the case and answers the reporter (product.md section 6, day one)."""
    story = new()
    story.orders(filled_in(text_of(story, Kind.NEW_REPORT, "ana")))
    assert story.ticket.state is State.RESOLVED
    assert story.letter(Kind.OUTCOME)


def examples(text: str) -> list[str]:
    """What a reader of a letter may send: the numbered lines together, tags that stand side by side together, every other tag alone."""
    steps = filled_in(text)
    rest = "\n".join(_without_result(line) for line in text.split("\n") if not re.match(r"\d\. |\||Written by: |Subject: ", line))
    alone = re.findall(r"(?:\[[a-z][^\]]*\] ?)+", rest)
    return [*filter(None, [steps]), *(one.strip() for one in alone if one.strip() not in ("[confirm]", "[resolve:nothing]"))]


def played(name: str, example: str) -> dict[str, object]:
    """What the answer says when the one whom a letter went to sends this example in the state in which they got it."""
    letter = LETTERS[name]()
    text = "\n".join(
        f"{line}\nWe wait for the hotel."
        if re.search(r"^\[(reply|explain|write|determine what|object|lift|appeal|record|release)", line)
        else line
        for line in example.split("\n")
    )
    if id(letter) in WORLDS:
        return WORLDS[id(letter)].played(text, letter)
    story = story_of(letter)
    if letter.ticket_id is None:
        story.asks(text, by=letter.to.handle, cases=story.summed)
    else:
        story.orders(text, by=letter.to.handle, listed=(story.ticket,))
    return dict(story.letter(Kind.ANSWER, letter.to.handle).facts)


PLAYED_ELSEWHERE = {
    "challenge-plain": "a challenge is answered by itself",
    "challenge-about-no-case": "the same",
    "challenge-with-text": "the same",
    "challenge-minimal": "the same",
    "challenge-for-a-record": "the same",
    "challenge-to-one-who-steps-back": "the same",
    "transparency-draft-after-a-week": "nothing is agreed to before the fourteenth day, as the letter says",
    "transparency-draft-with-a-name": "nothing is agreed to while a name stands in it, as the letter says",
    "answer-help": "a list of all tags, whatever the state",
    "answer-to-one-kept-out": "they can see no case, so the one in the sentence is made up",
}

EXAMPLES = [(name, example) for name in TO_US if name not in PLAYED_ELSEWHERE for example in examples(rendered(name).text)]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_works_where_it_is_shown(name, example):
    """Taken out of the letter and sent by its reader, in the very state in which they got it, it is carried out."""
    facts = played(name, example)
    assert facts["results"], "nothing was read as a command"
    assert [one["sentence"] for one in facts["results"] if not one["ok"]] == []


def test_the_date_in_the_list_of_all_tags_can_be_used():
    """Whoever copies [explain until=…] out of the answer to [help] puts the answer off, whenever they asked."""
    for days in range(40):
        story = taken().tick(24 * days).orders("[help]")
        (explain,) = [tag for tag in shown(text_of(story, Kind.ANSWER)) if tag.startswith("[explain")]
        assert story.orders(f"{explain}\nWe wait for the hotel.").letter(Kind.EXPLANATION)


HALF_DONE = [
    "[take]",
    "[determine violation=yes ongoing=no]",
    "[determine what]\nHe did.",
    '[determine who="Robin"]',
    "[determine safety=no]",
]


@pytest.mark.parametrize("done", HALF_DONE)
def test_the_example_in_an_answer_asks_for_what_is_missing(done):
    """After a part of the work, the example holds the rest and nothing else, and decides the case."""
    story = acknowledged().orders(done)
    example = filled_in(text_of(story, Kind.ANSWER))
    (before, *_) = read(done).commands
    assert not [key for key in before.keys if f"{key}=" in example]
    assert story.orders(example).ticket.state is State.RESOLVED


@pytest.mark.parametrize("delay", [0, 1, 24, 48])
@pytest.mark.parametrize("hours", [72, 120, 144, 166, 168, 192, 168 + 49])
def test_the_date_in_a_reminder_can_be_used(hours, delay):
    """The explanation a reminder shows is accepted, also by somebody who reads it two days later."""
    story = taken().time_passes(hours)
    (explain,) = [tag for tag in shown(text_of(story, Kind.REMINDER, "ana")) if tag.startswith("[explain")]
    assert story.tick(delay).orders(f"{explain}\nWe wait for the hotel.").letter(Kind.EXPLANATION)


@pytest.mark.parametrize("confirm", ["[confirm]", "[confirm:"])
def test_a_challenge_shows_both_ways_to_confirm(confirm):
    """The short one for a thumb, the long one with its code for hosts that lose the thread."""
    tags = [tag for tag in shown(rendered("challenge-plain").text) if tag.startswith(confirm)]
    assert tags
    assert confirm == "[confirm]" or tags == [f"[confirm:{LETTERS['challenge-plain']().token}]"]


def test_a_wrongly_kept_out_colleague_is_let_in_by_the_tag_shown():
    """The notice holds the very tag that ends a wrong hold."""
    story = Story().comes(text="Ben was there.", new_text="Ben was there.", command_text="")
    (lift,) = [tag for tag in shown(text_of(story, Kind.NEW_REPORT, "ana")) if tag.startswith("[unrecuse")]
    assert story.orders(lift).ticket.withheld == {}


# ---- quoted by mail programs -----------------------------------------------------------------------------------------------------------


def marked(text: str, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.split("\n"))


def rewrapped(text: str, width: int, mark: str) -> str:
    """Lines broken again, with the mark on every piece."""
    return "\n".join(
        piece for line in text.split("\n") for piece in wrap(line, width, initial_indent=mark, subsequent_indent=mark) or [mark]
    )


def spilt(text: str, width: int) -> str:
    """Marked lines that a gateway broke: what it cut off stands without a mark."""
    return "\n".join(piece for line in marked(text).split("\n") for piece in wrap(line, width) or [line])


BLOCK = "From: PyMalta <info@pymalta.example>\nSent: Monday, November 23, 2026 9:42 AM\nTo: Ana Borg <ana@staff.example>\nSubject: {}\n\n{}"
GERMAN = (
    "Von: PyMalta <info@pymalta.example>\nGesendet: Montag, 23. November 2026 09:42\nAn: Ana Borg <ana@staff.example>\nBetreff: {}\n\n{}"
)

MANNERS = {
    "Gmail": lambda subject, text: f"On Mon, 23 Nov 2026 at 09:42, PyMalta <info@pymalta.example> wrote:\n\n{marked(text)}",
    "Gmail, plain": lambda subject, text: (
        f"On Mon, 23 Nov 2026 at 09:42, PyMalta <info@pymalta.example>\nwrote:\n\n{rewrapped(text, 72, '> ')}"
    ),
    "a gateway": lambda subject, text: f"On Mon, 23 Nov 2026 at 09:42, PyMalta\n<info@pymalta.example> wrote:\n\n{spilt(text, 62)}",
    "Outlook": BLOCK.format,
    "Outlook, wrapped": lambda subject, text: BLOCK.format(subject, rewrapped(text, 76, "")),
    "Outlook on a phone": lambda subject, text: f"Get Outlook for iOS\n{'_' * 32}\n{BLOCK.format(subject, text)}",
    "Outlook, old": lambda subject, text: f"-----Original Message-----\n{BLOCK.format(subject, text)}",
    "Outlook, marked": lambda subject, text: marked(f"-----Original Message-----\n{BLOCK.format(subject, text)}"),
    "Outlook, German": GERMAN.format,
    "Apple Mail": lambda subject, text: marked(f"On 23 Nov 2026, at 09:42, PyMalta <info@pymalta.example> wrote:\n\n{text}"),
    "iPhone, Italian": lambda subject, text: (
        f"Il giorno 23 nov 2026, alle ore 09:42, PyMalta <info@pymalta.example> ha scritto:\n\n{marked(text)}"
    ),
    "Thunderbird": lambda subject, text: f"On 23/11/2026 09:42, PyMalta wrote:\n{marked(text)}",
    "mutt": lambda subject, text: f"On Mon, Nov 23, 2026 at 09:42:03AM +0100, PyMalta wrote:\n{marked(text)}",
    "mutt, with a bar": lambda subject, text: f"On Mon, Nov 23, 2026 at 09:42:03AM +0100, PyMalta wrote:\n{marked(text, '| ')}",
    "Proton": lambda subject, text: (
        f"------- Original Message -------\nOn Monday, November 23rd, 2026 at 09:42, PyMalta <info@pymalta.example> wrote:\n\n{marked(text)}"
    ),
    "Yahoo": lambda subject, text: (
        f"    On Monday, November 23, 2026 at 09:42:03 AM GMT+1, PyMalta <info@pymalta.example> wrote:  \n \n {marked(text, ' ')}"
    ),
    "Samsung": lambda subject, text: (
        "-------- Original message --------\nFrom: PyMalta <info@pymalta.example>\nDate: 23/11/2026 09:42 (GMT+01:00)\n"
        f"To: Ana Borg <ana@staff.example>\nSubject: {subject}\n\n{text}"
    ),
    "Zoho": lambda subject, text: f"---- On Mon, 23 Nov 2026 09:42:43 +0100 PyMalta <info@pymalta.example> wrote ----\n\n{text}",
    "Fastmail": lambda subject, text: f"On Mon, Nov 23, 2026, at 9:42 AM, PyMalta wrote:\n{marked(text)}",
    "indented": lambda subject, text: f"On 23 Nov 2026, PyMalta <info@pymalta.example> wrote:\n\n{marked(text, '    ')}",
    "an answer to an answer": lambda subject, text: f"On 24/11/2026 10:00, Ben Vella wrote:\n{marked(marked(text, '>'), '>')}",
    "pasted, nothing above": lambda subject, text: text,
    "pasted, wrapped": lambda subject, text: rewrapped(text, 40, ""),
    "pasted, tabs": lambda subject, text: marked(text, "\t"),
    "pasted, bullets": lambda subject, text: marked(text, "* "),
}

ABOVE = {"": [], "Thanks, I will look at it tonight.": [], "[take]": ["take"], "[reply]\nThank you.\n\nAna": ["reply"]}


@pytest.mark.parametrize("above", ABOVE, ids=["nothing", "a sentence", "a tag", "a letter"])
@pytest.mark.parametrize("manner", MANNERS)
def test_a_quoted_letter_of_ours_commands_nothing(manner, above):
    """Whatever a mail program makes of any of our letters, only what was typed above it counts, and nothing of ours joins it."""
    for name in TO_US:
        words = rendered(name)
        quoted = MANNERS[manner](words.subject, words.text)
        found = command_text(f"{above}\n\n{quoted}", separator=POLICY.separator, subject=f"Re: {words.subject}")
        commands = read(found).commands
        assert [command.verb for command in commands] == ABOVE[above], name
        assert [command.text for command in commands if command.verb == "reply"] == ["Thank you.\n\nAna"] * above.startswith("[reply]"), (
            name
        )


@pytest.mark.parametrize("manner", [manner for manner in MANNERS if manner != "pasted, wrapped"])
def test_not_even_without_our_separator(manner):
    """A gateway that takes our first line away does not make a command of the rest; only lines broken by hand could."""
    for name in TO_US:
        words = rendered(name)
        quoted = MANNERS[manner](words.subject, words.text.replace(POLICY.separator, ""))
        found = command_text(f"Thanks\n\n{quoted}", separator=POLICY.separator, subject=f"Re: {words.subject}")
        assert read(found).commands == (), name


def html_of(name: str) -> str:
    return "<br>\n".join(escape(line) for line in rendered(name).text.split("\n"))


IN_HTML = {
    "Gmail": '<div dir="ltr">{above}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 23 Nov 2026 at 09:42, PyMalta'
    ' &lt;<a href="mailto:info@pymalta.example">info@pymalta.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">{letter}</blockquote></div>',
    "Outlook": '<div>{above}</div><hr><div id="divRplyFwdMsg"><b>From:</b> PyMalta &lt;info@pymalta.example&gt;<br><b>Sent:</b> 23 November 2026'
    " 09:42<br><b>To:</b> Ana Borg<br><b>Subject:</b> Message</div><div>{letter}</div>",
    "pasted": "<p>{above}</p><div>{letter}</div>",
}


@pytest.mark.parametrize("manner", IN_HTML)
def test_a_letter_of_ours_quoted_in_html_commands_nothing(manner):
    """The same for mails that have no plain text."""
    own = Own(mailbox=POLICY.mailbox, separator=POLICY.separator)
    for name in TO_US:
        body = IN_HTML[manner].format(above="Thanks, I will look at it.", letter=html_of(name))
        head = f"From: ana@staff.example\r\nSubject: Re: {rendered(name).subject}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        message = parse(head.encode() + body.encode(), own=own)
        assert message.command_text == "Thanks, I will look at it.", name
        assert read(message.command_text).commands == ()
