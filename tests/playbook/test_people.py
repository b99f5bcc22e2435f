"""Who is named in a text, in whatever form, so that nobody is told of a report about themselves."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.people import fold, mentioned, normalise, owns, words
from tests.playbook.cases import ANA, BEN, CARLA, DORA, FELIX

EVERYBODY = (ANA, BEN, CARLA, DORA, FELIX)

NAMED = [
    ("Ana Abela shouted at me.", {"ana"}, "the full name"),
    ("It was Ana.", {"ana"}, "a first name alone"),
    ("Ms Abela was there.", {"ana"}, "a last name alone"),
    ("ANA ABELA", {"ana"}, "in capitals"),
    ("ana's jokes", {"ana"}, "with an apostrophe behind it"),
    ("_Ana_ said so", {"ana"}, "emphasised with underscores"),
    ("*Ana* said so", {"ana"}, "emphasised with stars"),
    ("An\u00ada said so", {"ana"}, "with a soft hyphen that a word processor put there"),
    ("I know her as Anabel.", {"ana"}, "an alias"),
    ("write to ana@staff.example", {"ana"}, "the registered address"),
    ("write to A.Abela@club.example", {"ana"}, "an address among the aliases"),
    ("Abela, Ana", {"ana"}, "the names the other way round"),
    ("Ben Müller-Borg", {"ben"}, "an umlaut"),
    ("Ben Mu\u0308ller-Borg", {"ben"}, "the umlaut as two characters"),
    ("MÜLLER-BORG", {"ben"}, "the umlaut in capitals"),
    ("Mueller-Borg", {"ben"}, "the umlaut typed out"),
    ("Muller Borg", {"ben"}, "the umlaut left out, and the hyphen"),
    ("Ms Borg", {"ben"}, "one half of a double name"),
    ("Zoe is her second name: Carla Zoe Camilleri", {"carla"}, "an accent left out"),
    ("Dora hit me", {"dora"}, "somebody of the board"),
    ("Felix Farrugia", {"fallback"}, "the contact outside the team"),
    ("Ana and Ben", {"ana", "ben"}, "two of them"),
    ("The bananas were bad.", set(), "a part of a word is no name"),
    ("benefits", set(), "nor is its beginning"),
    ("Somebody else", set(), "nobody of them"),
    ("", set(), "nothing at all"),
]


@pytest.mark.parametrize(("text", "handles", "why"), NAMED, ids=[why for *_, why in NAMED])
def test_a_mention_is_found_in_every_form(text, handles, why):
    """Names, first names, aliases and addresses are found as whole words, whatever the case and the accents."""
    assert mentioned(text, EVERYBODY) == handles


WORDS = [
    ("You may ask them.", False, "the word alone"),
    ("May was there.", False, "the price: nor the first name alone"),
    ("It was May Example.", True, "the full name, as an alias"),
    ("Ms Example was there.", True, "the last name"),
    ("may@staff.example", True, "the address"),
]


@pytest.mark.parametrize(("text", "named", "why"), WORDS, ids=[why for *_, why in WORDS])
def test_a_first_name_that_is_a_word_can_be_left_out(text, named, why):
    """As docs/operating.md says: a letter for the first name, and the full name as an alias."""
    may = replace(ANA, handle="may", name="M. Example", address="may@staff.example", aliases=("May Example",))
    assert mentioned("It may be.", (replace(may, name="May Example"),)) == {"may"}
    assert mentioned(text, (may,)) == ({"may"} if named else set())


GREETED = [
    ("Hi Ana,\nsomebody shouted at me.", set(), "a greeting names its reader, not a party"),
    ("Hi Ana, Ben,\nsomebody shouted.", set(), "nor two of them"),
    ("Dear Ms Abela and all,\n\nsomebody shouted.", set(), "with a title"),
    ("\n\n  Bonġu Carla!\nsomebody shouted.", set(), "in Maltese, below blank lines"),
    ("Thank you very much, Ana!\nThat helps.", set(), "thanks are a greeting"),
    ("Hi, Ana hit me.", {"ana"}, "a line that says more is no greeting"),
    ("Hi, it was Ana,", {"ana"}, "though it ends like one"),
    ("Hi Ana,\nBen hit me.", {"ben"}, "whoever is named below it is named"),
    ("Hi Ana,\nyou hit me, Ana.", {"ana"}, "also the one who is greeted"),
    ("Ana,\nsomebody shouted.", {"ana"}, "a bare name might be anything"),
    ("Hello\nHello Ana", {"ana"}, "only the first line greets"),
    ("Hello Ana and Robin,\nsomebody shouted.", {"ana"}, "who stands beside an unknown name may be meant with it"),
]


@pytest.mark.parametrize(("text", "handles", "why"), GREETED, ids=[why for *_, why in GREETED])
def test_a_line_that_only_greets_names_nobody(text, handles, why):
    """A greeting line does not count as a mention, and a line that says anything else is no greeting (product.md section 10)."""
    assert mentioned(text, EVERYBODY) == handles


def test_an_initial_is_no_name():
    """Somebody registered as "A. Grech" is not in every text with the word "a"."""
    initial = replace(ANA, name="A. Grech", aliases=())
    assert mentioned("It was a man in a hat.", [initial]) == set()
    assert mentioned("It was Grech.", [initial]) == {"ana"}


CALLED = [
    ("Bo Ng", "It was Bo.", True, "a first name of two letters"),
    ("Bo Ng", "It was Ng.", True, "a last name of two letters"),
    ("Ana Marija Abela", "It was Ana.", True, "the first of three names"),
    ("Ana Marija Abela", "It was Abela.", True, "the last of them"),
    ("Ana Marija Abela", "It was Ana Marija Abela.", True, "all of them"),
    ("Ana Marija Abela", "It was Marija.", False, "the one in the middle is an alias at most"),
]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("It was @MV7, who moderates.", True),
        ("(@mv7)", True),
        ("MV7", False),
        ("kim@mv7.example", False),
        ("kim.@mv7", False),
        ("@mv77", False),
    ],
)
def test_a_handle_is_found_as_people_write_one(text, named):
    """Behind an at sign; by itself it may be any word, and in an address it is a domain."""
    assert mentioned(text, [replace(ANA, handle="mv7")]) == ({"mv7"} if named else set())


CALLED += [
    ("Jo Mueller", "It was Müller.", True, "an umlaut that the configuration types out"),
    ("Jo Mueller", "It was Muller.", True, "and one that the report leaves out"),
    ("Joe Mae", "Jo was there, ma.", False, "a short name is not cut"),
    ("Anna-Maria St-John", "It was Anna.", True, "half of a double first name"),
    ("Anna-Maria St-John", "Main st.", False, "half of a name that is none"),
    ("Renée O’Brien", "It was Obrien.", True, "an apostrophe left out"),
    ("Ċensu Żahra", "Qalli ċ-Censu.", True, "a Maltese name behind its article, typed halfway"),
]


@pytest.mark.parametrize(("name", "text", "named", "why"), CALLED, ids=[why for *_, why in CALLED])
def test_the_first_and_the_last_name_count_alone(name, text, named, why):
    """However short they are and whatever stands between them (docs/operating.md, "Names that are words")."""
    person = replace(ANA, name=name, address="a@staff.example", aliases=())
    assert mentioned(text, [person]) == ({"ana"} if named else set())


def test_a_name_without_letters_is_nobody():
    """A name that holds no word matches no text."""
    assert mentioned("... --- ...", [replace(ANA, name="...", aliases=("---",))]) == set()


@given(st.text(), st.sampled_from(EVERYBODY), st.text())
def test_a_name_between_any_words_is_found(before, person, after):
    """Whatever stands around a full name, it is found."""
    assert person.handle in mentioned(f"It was.\n{before} {person.name} {after}", EVERYBODY)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    """A folded text is its own folded form, as far as its words go."""
    assert words(fold(text)) == words(text)


def test_mentions_are_found_in_linear_time():
    """Ten times the text takes about ten times as long, though it repeats the first word of every name."""

    def seconds(times):
        text = "Somebody: " + "ana carla ben dora " * times
        started = time.process_time()
        assert mentioned(text, EVERYBODY) == {"ana", "ben", "carla", "dora"}
        return time.process_time() - started

    # A quadratic reader would need a hundred times as long.
    assert seconds(100_000) < 40 * max(seconds(10_000), 0.005)


ADDRESSES = [
    ("ana@staff.example", True, "the registered address"),
    (" Ana@Staff.Example ", True, "in any case, with blanks around"),
    ("a.abela@club.example", True, "an alias"),
    ("ana@other.example", False, "another domain"),
    ("", False, "no address is nobody's"),
]


@pytest.mark.parametrize(("address", "theirs", "why"), ADDRESSES, ids=[why for *_, why in ADDRESSES])
def test_an_address_belongs_to_whom_it_is_registered_for(address, theirs, why):
    """The registered address and the aliases are a person's own."""
    assert owns(ANA, address) is theirs


def test_addresses_are_compared_composed():
    """Two ways to write one letter are one address."""
    assert normalise("zoe\u0308@x.example") == normalise("ZOË@x.example ")
