"""The form of a report in person: seven fields of the reporting guide, the permission to write, and the taker's own notes (P10, P24)."""

import time

import pytest

from maild.playbook.record_form import GUIDE, PERMISSION, read_form

FILLED = """\
contact: Kim Reporter <kim@reporter.example>
may we write to them: yes
people: Robin, and a woman with a blue bag
when and where: Friday, about five
in the red hall
account: Robin shouted at me.
He said: go away.

And then he laughed.
context: it is the second time
ongoing: no
anything else: https://chat.example/1

-- my notes --
Kim was calm.
people: I saw nobody else."""


def test_a_filled_form_has_seven_fields_and_notes():
    """Each with the lines below it, up to the next key; what looks like a key in the notes is a note."""
    form = read_form(FILLED)
    assert form.fields == {
        "contact": "Kim Reporter <kim@reporter.example>",
        PERMISSION: "yes",
        "people": "Robin, and a woman with a blue bag",
        "when and where": "Friday, about five\nin the red hall",
        "account": "Robin shouted at me.\nHe said: go away.\n\nAnd then he laughed.",
        "context": "it is the second time",
        "ongoing": "no",
        "anything else": "https://chat.example/1",
    }
    assert form.missing == ()
    assert form.notes == "Kim was calm.\npeople: I saw nobody else."
    assert form.statement == FILLED.partition("\n\n-- my notes")[0]
    assert (form.name, form.address, form.permitted) == ("Kim Reporter", "kim@reporter.example", True)


def test_free_text_is_the_account():
    """Nobody has to fill in anything."""
    form = read_form("Somebody shouted at me.\n\nIt was loud.")
    assert form.fields == {"account": "Somebody shouted at me.\n\nIt was loud."}
    assert form.missing == tuple(name for name in GUIDE if name != "account")
    assert (form.name, form.address, form.permitted, form.notes, form.empty) == ("", "", False, "", False)


KEYS = [
    ("CONTACT: Kim", "contact", "capitals"),
    ("* contact: Kim", "contact", "the bullet of our own letter"),
    ("- **Contact**: Kim", "contact", "emphasis"),
    ("contct: Kim", "contact", "a letter too few"),
    ("> E-mail: Kim", "contact", "another word for it"),
    ("When?: Kim", "when and where", "a question"),
    ("where : Kim", "when and where", "a blank before the colon"),
    ("What happened: Kim", "account", "as the guide asks"),
    ("Witnesses: Kim", "people", "witnesses"),
    ("Is this ongoing?: Kim", "ongoing", "as the guide asks it"),
    ("Anything else?: Kim", "anything else", "as the guide asks it"),
    ("May we write to you?: Kim", PERMISSION, "as the person is asked"),
    ("there: Kim", "account", "a word that is near a short key"),
    ("She said: Kim", "account", "a sentence"),
    ("how: Kim", "account", "a short word"),
    ("https://chat.example", "account", "a link"),
    (f"{'contact ' * 10}: Kim", "account", "a long line"),
]


@pytest.mark.parametrize(("line", "name", "why"), KEYS, ids=[why for *_, why in KEYS])
def test_keys_are_forgiving(line, name, why):
    """Spelling, capitals and other words for the same; a sentence with a colon is none."""
    assert list(read_form(line).fields) == [name]


def test_a_key_that_stands_twice_adds_up():
    """Time and place in two lines are one answer; one with nothing behind it is none."""
    form = read_form("when: Friday\nwhere: the hall\ncontext:\n")
    assert form.fields == {"when and where": "Friday\nthe hall"}


CONTACTS = [
    ("Kim Reporter, kim@reporter.example", "Kim Reporter", "kim@reporter.example", "a name and an address"),
    ("kim@reporter.example", "", "kim@reporter.example", "an address"),
    ("kim@reporter.example.", "", "kim@reporter.example", "with a full stop"),
    ("Kim Reporter", "Kim Reporter", "", "a name"),
    ("Kim 555-0199", "Kim", "", "a name and a number"),
    ("555-0199", "", "", "a number"),
    ("anonymous", "", "", "nobody"),
    ("not given", "", "", "nothing"),
    ("Kim\nkim@reporter.example", "Kim", "kim@reporter.example", "two lines"),
    ("Kim (phone only)", "Kim", "", "a remark"),
]


@pytest.mark.parametrize(("contact", "name", "address", "why"), CONTACTS, ids=[why for *_, why in CONTACTS])
def test_a_contact_is_a_name_and_an_address(contact, name, address, why):
    """As far as they can be told."""
    form = read_form(f"contact: {contact}")
    assert (form.name, form.address) == (name, address)


@pytest.mark.parametrize("said", ["yes", "Yes.", " Y ", "OK", "yes, please", "yes, they may", "Iva!"])
def test_a_yes_is_a_permission(said):
    """However it is written."""
    assert read_form(f"may we write to them: {said}").permitted


@pytest.mark.parametrize("said", ["no", "", "maybe", "yes, or no", "yes, if it is urgent", "not yet", "she did not say", "yesterday"])
def test_all_else_is_none(said):
    """In doubt nobody is written to."""
    assert not read_form(f"may we write to them: {said}").permitted


SEPARATORS = [
    "-- my notes --",
    "--- My Notes ---",
    "\u2014 my notes \u2014",
    "--my notes",
    "-- notes --",
    "**-- my notes --**",
    "-- My remarks:",
]


@pytest.mark.parametrize("line", SEPARATORS)
def test_the_notes_begin_below_their_line(line):
    """With any dash and in any case."""
    form = read_form(f"She shouted.\n{line}\nIt was late.")
    assert (form.statement, form.notes) == ("She shouted.", "It was late.")


@pytest.mark.parametrize("line", ["my notes", "-- my notes say that it was late", "I made my notes -- later", "--", "- she had notes"])
def test_a_sentence_about_notes_begins_none(line):
    """What the person said stays theirs."""
    assert read_form(f"She shouted.\n{line}\nIt was late.").notes == ""


@pytest.mark.parametrize("text", ["", " \n ", "-- my notes --", "-- my notes --\n..."])
def test_nothing_is_nothing(text):
    """Neither a statement nor notes."""
    assert read_form(text).empty


@pytest.mark.parametrize("scrap", [" ", "-", "a", "contact: ", ":\n", "-- my notes --\n", "a@", "contact: a@a.", "\u2014"])
def test_any_text_is_read_in_linear_time(scrap):
    """Ten times the text takes about ten times as long."""

    def seconds(size):
        text = scrap * (size // len(scrap))
        started = time.process_time()
        form = read_form(text)
        assert (form.name, form.address, form.permitted, form.empty) is not None
        return time.process_time() - started

    assert seconds(200_000) < 40 * max(seconds(20_000), 0.005)


def test_a_contact_and_a_permission_end_with_their_paragraph():
    """What stands below a blank line is the account; a condition right below a permission is part of it, and then it is none."""
    form = read_form("contact: Kim\nkim@reporter.example\n\nRobin shouted.\n\nTwice.")
    assert (form.address, form.fields["account"]) == ("kim@reporter.example", "Robin shouted.\n\nTwice.")
    form = read_form("contact: kim@reporter.example\nmay we write to them: yes\n\nRobin shouted.")
    assert (form.permitted, form.fields["account"]) == (True, "Robin shouted.")
    assert not read_form("may we write to them: yes\nbut not this week").permitted
