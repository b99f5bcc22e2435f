"""What people write on a phone and in a hurry: the answer has the line that was meant, or what there is to name."""

import pytest

from maild.playbook.commands import Command, Fault
from maild.playbook.decide.lines import anew
from maild.playbook.policy import Space
from maild.playbook.tag import read_tag
from tests.playbook.cases import ALL_FIVE, BEN, CARLA, PYCON, World, policy

SPACES = (Space(slug="forum", name="The forum"), Space(slug="chat", name="The chat"))


def world(above: str = ALL_FIVE, **changes: object) -> World:
    """One report with its determinations."""
    w = World(policy=policy(spaces=SPACES, conferences=(PYCON,), **changes))
    w.report(name="Kim")
    w.accepted()
    assert not above or w.staff(above).ok
    return w


def refusal(decision) -> str:
    """Why the last command was refused, and that nothing came of the mail."""
    assert decision.entries == []
    return decision.sentences[-1]


MENDED = [
    ("resolve: private reprimand", "[resolve:private-reprimand]", "a blank in a choice"),
    ("resolve:Private  Reprimand to=P1 silent", "[resolve:Private-Reprimand to=P1 silent]", "capitals are no mistake"),
    ("resolve private reprimand", "[resolve:private-reprimand]", "a blank instead of the colon as well"),
    ("resolve:private- reprimand", "[resolve:private-reprimand]", "a line that was broken behind the hyphen"),
    ("resolve:private -reprimand", "[resolve:private-reprimand]", "or before it"),
    ("expel:P1 ground=third warning", "[expel:P1 ground=third-warning]", "in the value of a key"),
    ("determine violation=cannot tell who=unknown", "[determine violation=cannot-tell who=unknown]", "and keys after it"),
    ("support:trusted person=wanted", "[support:trusted-person=wanted]", "before the value's own value"),
    ("contacted:venue security basis=legal duty", "[contacted:venue-security basis=legal-duty]", "two of them"),
    ("not a report: spam", "[not-a-report:spam]", "in the verb"),
    ("stop instruction:P1 by=target", "[stop-instruction:P1 by=target]", "in a verb whose first word is none"),
    ("resolve:public reprimand board approved=yes", "[resolve:public-reprimand board-approved=yes]", "in a key"),
    ("person:P1 name=Robin Example role=witness", '[person:P1 name="Robin Example" role=witness]', "a name without quotation marks"),
    ("determine what who=the man in red ongoing=no", '[determine what who="the man in red" ongoing=no]', "a description"),
    ("resolve:other label=moderated talk silent", '[resolve:other label="moderated talk" silent]', "a label, and a word of ours"),
    ("explain until=27.11.2026", "[explain until=2026-11-27]", "a date as it is written here"),
    ("explain until=2026/11/27", "[explain until=2026-11-27]", "with strokes"),
    ("explain until=11/27/2026", "[explain until=2026-11-27]", "as it is written elsewhere: no other day can be meant"),
    ("resolve:ban spaces=all until=1-1-2027", "[resolve:ban spaces=all until=2027-01-01]", "the same in either order"),
    ("explain until=01/02/2027", None, "two days in one date"),
    ("explain until=31.31.2026", None, "no day at all"),
    ("explain until=2026/31/12", None, "nor this"),
    ("explain until=tomorrow", None, "nor a word"),
    ("determine who=unknown person", None, "nobody is made of a choice and a word"),
    ("determine who=P1 and", None, "nor of a reference"),
    ('determine who="Robin" Example', None, "nor of what has its quotation marks"),
    ("determine who=Robin", None, "a word alone may be a misspelt choice"),
    ('reply "private reprimand"', None, "what is quoted is somebody's own"),
    ("assign:Ana Abela", None, "a short name is not made up"),
]


@pytest.mark.parametrize(("inside", "meant", "why"), MENDED, ids=[why for *_, why in MENDED])
def test_a_slip_that_leaves_no_doubt_is_answered_with_the_line_to_copy(inside, meant, why):
    """Nothing is carried out for it, and the line works."""
    item = read_tag(inside)
    assert isinstance(item, Fault)
    assert item.nearest == meant
    assert meant is None or isinstance(read_tag(meant[1:-1]), Command)


TURNED = [
    ("appeal:S1 upheld", "appeal:upheld S1"),
    ("offence:P1 serious", "offence:serious P1"),
    ("offence: p2 Intentional at=2026-11-20", "offence:intentional P2 at=2026-11-20"),
]


@pytest.mark.parametrize(("inside", "right"), TURNED)
def test_a_tag_the_wrong_way_round_means_the_same(inside, right):
    """The reference first and then the choice can only mean one thing."""
    read, wanted = read_tag(inside), read_tag(right)
    assert (read.verb, read.value, read.keys) == (wanted.verb, wanted.value, wanted.keys)


def test_an_appeal_alone_stays_one():
    """A reference without a choice records an appeal."""
    assert (read_tag("appeal:S1").value, read_tag("appeal:S1 anyway").words) == ("S1", ("anyway",))


NAMED = [
    ("[told:Robin]", "Known on this case: P1 (Robin Example).", "a person by name"),
    ('[write:"Robin Example"]\nHello.', "Known on this case: P1 (Robin Example).", "in full"),
    ("[resolve:private-reprimand to=Robin]", "Known on this case: P1 (Robin Example).", "in a key"),
    ('[resolve:ban spaces="The Forum" permanent]', "Known: forum, chat, all.", "a space by its name"),
    ("[space:the forum]", "Known: forum, chat.", "in two words"),
    ("[lift:ban]\nWhy.", "No sanction runs on this case.", "a sanction by its kind"),
    ("[done:forum]", "Open: none.", "a task by its space"),
    ("[approve:S1]", "No proposal waits on this case.", "a proposal by its sanction"),
    ("[assign:Ana Abela]", "Known: ana, ben, carla, dora, fallback.", "one of us by name"),
]


@pytest.mark.parametrize(("text", "known", "why"), NAMED, ids=[why for *_, why in NAMED])
def test_what_cannot_be_read_is_answered_with_what_there_is(text, known, why):
    """An unknown person, space or sanction names the known ones, also where it has not the form of one."""
    assert refusal(world().staff(text)).endswith(known)


def test_what_runs_and_waits_is_named():
    """The sanction with its number, its tasks, and a proposal."""
    w = world()
    assert w.staff("[resolve:ban spaces=forum permanent]").ok
    assert refusal(w.staff("[lift:forum]\nWhy.")).endswith("S1: P1 is kept out of The forum for good.")
    assert refusal(w.staff("[done:forum]")).endswith("Open: T1.")
    w = world(approvals=2)
    assert w.staff("[resolve:ban spaces=forum permanent]").ok
    assert refusal(w.staff("[approve:yes]", BEN)).endswith("A1 waits.")


def test_nothing_of_a_case_is_named_to_who_does_not_work_on_it():
    """A mail about no case, and one by somebody who is kept out of it."""
    assert "Known" not in world().new_mail("[told:Robin]").sentences[0]
    w = world("[recuse:carla]")
    assert "Robin Example" not in str(w.staff("[told:Robin]", CARLA).sentences)


LINES = [
    (
        "[resolve:ban to=P1 spaces=forum]",
        "",
        "[resolve:ban to=P1 spaces=forum until=2026-12-21] or [resolve:ban to=P1 spaces=forum permanent]",
    ),
    ("[resolve:ban spaces=forum permanent until=2026-12-01]", "", "[resolve:ban spaces=forum until=2026-12-21]"),
    ("[resolve:ban spaces=forum silent until=2026-11-20]", "", "[resolve:ban spaces=forum until=2026-12-21 silent]"),
    ("[resolve:vacation days=3]", "", "[resolve:vacation days=3 spaces=forum]"),
    ("[resolve:apology to=P1]", "", "[resolve:apology to=P1 private]"),
    ("[explain anyway until=2026-12-31]", "We wait.", "[explain until=2026-11-30 anyway]"),
]


@pytest.mark.parametrize(("tag", "below", "line"), LINES)
def test_the_line_to_copy_is_the_writers_own_put_right(tag, below, line):
    """It keeps what was right in it, is no harsher than what was meant, and works."""
    said = refusal(world().staff(f"{tag}\n{below}"))
    assert line in said
    assert all(world().staff(f"{one}\n{below}").ok for one in line.split(" or "))


def test_a_label_of_two_words_keeps_its_quotation_marks():
    """The line that is copied is a tag again."""
    assert anew(read_tag('resolve:other label="moderated talk"'), "silent") == '[resolve:other label="moderated talk" silent]'


def test_a_measure_for_nobody_asks_who_it_was():
    """An example with P1 would not work where nobody is on the case."""
    w = world("[determine violation=yes who=unknown ongoing=no safety=no]\nSomebody shouted.")
    line = '[determine who="their name"]'
    assert line in refusal(w.staff("[resolve:private-reprimand]"))
    assert w.staff(f"{line}\n[resolve:private-reprimand]").ok


def test_who_is_not_kept_out_is_answered_with_those_who_are():
    """And never with a party: a reporter who is one of us may have asked not to be named."""
    w = world("[recuse:ben]")
    assert refusal(w.staff("[unrecuse:zoe]")) == "zoe is not kept out of this case; it can be [unrecuse:ben]."
    assert refusal(world().staff("[unrecuse:zoe]")) == "zoe is not kept out of this case; it can be nobody."
    w = World(policy=policy())
    w.report("I was shouted at.", sender=CARLA.address)
    w.accepted()
    assert refusal(w.staff("[unrecuse:zoe]")) == "zoe is not kept out of this case; it can be nobody."


def test_who_is_kept_out_by_name_is_let_in_by_the_line_that_is_shown():
    """Somebody of the same first name is not them."""
    w = world("")
    said = w.staff('[person:P1 name="Ben" role=witness]').sentences[0]
    assert said.endswith("Kept out of this case for that name: ben; if that is a mistake, write [unrecuse:ben].")
    assert w.staff("[unrecuse:ben]").ok


@pytest.mark.parametrize("text", ["[recuse] I know him well.", "[recuse].", "[recuse] sorry!\n[resolve:nothing]", "[take] [recuse] bye"])
def test_words_beside_a_recusal_do_not_keep_somebody_on_the_case(text):
    """It takes effect at once, as an alarm does; why is not told to the others."""
    w = world()
    decision = w.staff(text)
    assert w.case.withheld == {"ana": "recused"}
    assert "I know him" not in str([one.facts for one in decision.entries])


def test_words_beside_the_recusal_of_another_are_a_note():
    """The team reads them; whoever is kept out does not."""
    w = world()
    decision = w.staff("[recuse:ben] He is her brother.")
    assert w.case.withheld == {"ben": "recused"}
    assert [letter.to.handle for letter in decision.letters if "brother" in str(letter.facts)] == ["carla"]


APPEALS = [
    ("[resolve:ban spaces=forum permanent]", "[appeal:upheld]", "record it first: [appeal:S1]", "one that may be appealed"),
    ("[resolve:ban spaces=forum permanent]", "[appeal:upheld S7]", "record it first: [appeal:S1]", "another number"),
    ("[resolve:vacation spaces=forum]", "[appeal:upheld S1]", "To end it sooner: [lift:S1]", "one that ends by itself"),
    ("[resolve:vacation spaces=forum]", "[appeal:upheld]", "nothing on this case is", "none is permanent"),
    ("[resolve:private-reprimand]", "[appeal:upheld S1]", "nothing on this case is", "no sanction at all"),
]


@pytest.mark.parametrize(("above", "tag", "line", "why"), APPEALS, ids=[why for *_, why in APPEALS])
def test_an_answer_to_no_appeal_is_told_what_can_be_appealed(above, tag, line, why):
    """The line to copy works."""
    w = world()
    assert w.staff(above).ok
    assert line in refusal(w.staff(f"{tag}\nIt stays.", BEN))


def test_who_is_told_of_a_lifted_sanction_by_people_has_no_line_that_would_be_refused():
    """Without an address there is no letter to write."""
    w = world()
    assert w.staff("[resolve:ban spaces=forum permanent]").ok
    assert w.staff("[lift:S1]\nA mistake.").sentences[0].endswith("there is no address of theirs, so please tell them.")


ONESELF = [
    ('[determine violation=yes who="Ana Abela" ongoing=no safety=no]\nShe shouted.', "in a determination"),
    ('[person:P1 name="ana ABELA" role=respondent]', "as a person"),
    ("[person:P1 address=ana@staff.example]", "by address"),
]


@pytest.mark.parametrize(("text", "why"), ONESELF, ids=[why for *_, why in ONESELF])
def test_nobody_works_on_a_case_about_themselves(text, why):
    """Whoever writes their own name down as the respondent is told to step back; somebody else writes it down, and they are kept out."""
    w = world("")
    assert "[recuse]" in refusal(w.staff(text))
    assert "ana" not in w.case.withheld
    assert w.staff(text, BEN).ok
    assert w.case.withheld == {"ana": "hold"}


def test_a_namesake_and_another_role_are_written_down():
    """A first name may be that of somebody else; and one of us may support whoever reported."""
    assert world('[determine who="Ana"]').case.withheld == {}
    assert world('[person:P1 name="Ana Abela" role=support]').case.withheld == {}


def test_danger_rings_although_the_writer_is_who_it_is_about():
    """The determination is refused, the alarm is not."""
    w = world("")
    assert not w.staff('[determine who="Ana Abela" safety=yes]').ok
    assert w.case.urgent
