"""`[release:…]`: two people agree to the same bytes, or nothing is released (product.md section 9; conduct-background.md T11, T15, M44)."""

from dataclasses import replace

import pytest

from maild.playbook.effects import Agree, Await, File, Journal, Keep, Open, Release, Withhold
from maild.playbook.events import Found, Sort, Thread
from maild.playbook.letters import Kind
from tests.playbook.cases import ANA, BEN, CARLA, DAY, DORA, FELIX, World, mail, policy
from tests.playbook.reports import NAMES, Ledger

TAG = "[release:pycon-2026]"
LEARNED = "We put up a second sign."
DRAFT, RELEASED = Kind.TRANSPARENCY_DRAFT, Kind.TRANSPARENCY_RELEASED


@pytest.fixture
def ledger():
    return Ledger()


def verbs(found):
    return [one.verb for one in found.all(Journal)]


# ---- two people ----------------------------------------------------------------------------------------------------------------------


def test_the_first_agrees_to_this_text(ledger):
    """It is written down byte for byte; everybody else who may is sent it, with its files; nothing is released."""
    found = ledger.says(f"{TAG}\n{LEARNED}")
    (one,) = found.all(Agree)
    assert (one.agreement.by, one.agreement.learned, list(one.agreement.files)) == ("ana", LEARNED, list(NAMES))
    assert found.who(DRAFT) == ["ben", "carla", "dora"]
    letter = found.letter(DRAFT, "dora")
    assert letter.facts["step"] == "agreed"
    assert (letter.facts["agreed_by"], LEARNED in letter.facts["text"]) == ("ana", True)
    assert [(each.name, each.text) for each in letter.attachments] == list(one.agreement.files.items())
    assert (found.ok, found.who(RELEASED), verbs(found)) == (True, [], ["report-agreed"])
    assert "with what you learned or changed" in found.sentences[0]


def test_the_second_releases_it(ledger):
    """A different person, with the tag alone: the files go to everybody who may release them, to be published by hand."""
    ledger.says(f"{TAG}\n{LEARNED}")
    found = ledger.says(TAG, DORA)
    assert [(one.row, one.second) for one in found.all(Release)] == [(1, "dora")]
    assert found.who(RELEASED) == ["ana", "ben", "carla", "dora"]
    assert [one.name for one in found.letter(RELEASED).attachments] == list(NAMES)
    assert all(LEARNED in one.text for one in found.letter(RELEASED).attachments)
    assert found.letter(RELEASED).facts["by"] == ["ana", "dora"]
    assert (verbs(found), found.all(Agree)) == (["report-released"], [])
    assert "maild publishes nothing" in found.sentences[0]


def test_the_same_text_once_more_is_an_agreement_too(ledger):
    """Whoever copies the words of the first agrees to them."""
    ledger.says(f"{TAG}\n{LEARNED}")
    assert ledger.says(f"{TAG}\n{LEARNED}", BEN).all(Release)


def test_no_words_are_words_to_agree_to(ledger):
    """Nobody has to have learned anything."""
    found = ledger.says(TAG)
    assert "with no words of your own" in found.sentences[0]
    assert ledger.says(TAG, BEN).all(Release)


def test_nobody_agrees_twice(ledger):
    """The same person is told that it takes somebody else."""
    ledger.says(TAG)
    found = ledger.says(TAG)
    assert (found.ok, found.all(Release), found.all(Agree)) == (False, [], [])
    assert "Somebody else has to agree to it" in found.sentences[0]


def test_another_text_is_a_first_agreement(ledger):
    """It replaces the first, whose writer is sent it, and the answer says so."""
    ledger.says(f"{TAG}\n{LEARNED}")
    found = ledger.says(f"{TAG}\nThe rota is better now.", BEN)
    assert (found.all(Release), len(found.all(Agree)), found.who(DRAFT)) == ([], 1, ["ana", "carla", "dora"])
    assert "What Ana Abela agreed to before is something else" in found.sentences[0]
    assert ledger.says(TAG, BEN).all(Release) == []
    assert ledger.says(TAG, ANA).all(Release)


def test_other_numbers_are_a_first_agreement(ledger):
    """The words of the first stay; the numbers have changed, so nobody agreed to them."""
    ledger.says(f"{TAG}\n{LEARNED}")
    ledger.count = 7
    found = ledger.says(TAG, BEN)
    assert (found.all(Release), found.all(Agree)[0].agreement.learned) == ([], LEARNED)
    again = ledger.says(TAG, ANA)
    assert [one.second for one in again.all(Release)] == ["ana"]


def test_one_may_change_what_oneself_agreed_to(ledger):
    """And is told that it was their own."""
    ledger.says(TAG)
    assert "What you agreed to before is something else" in ledger.says(f"{TAG}\n{LEARNED}").sentences[0]


def test_whoever_is_kept_out_by_now_has_agreed_to_nothing(ledger):
    """The first stepped back from a case in it: the next is the first again."""
    ledger.says(TAG)
    ledger.out = frozenset({"ana"})
    found = ledger.says(TAG, BEN)
    assert (found.all(Release), len(found.all(Agree)), found.who(DRAFT)) == ([], 1, ["carla", "dora"])
    assert "Ana" not in found.sentences[0]


# ---- after the release ---------------------------------------------------------------------------------------------------------------


def released(ledger):
    ledger.says(f"{TAG}\n{LEARNED}")
    ledger.says(TAG, DORA)
    ledger.world.wait(DAY)
    return ledger


def test_a_release_happens_once(ledger):
    """Whoever asks again is told when it was, and by whom, and how to correct it."""
    found = released(ledger).says(TAG, BEN)
    assert (found.ok, found.all(Agree), found.all(Release)) == (False, [], [])
    assert "Ana Abela and Dora Debono agreed to this very text, on 2026-11-23" in found.sentences[0]
    assert "For a correction" in found.sentences[0]


def test_a_correction_is_a_release_of_its_own(ledger):
    """Two people again, and the answer says what it is (T11)."""
    found = released(ledger).says(f"{TAG}\nWe put up two signs.", BEN)
    assert "It corrects what was released on 2026-11-23" in found.sentences[0]
    assert ledger.says(TAG, BEN).all(Release) == []
    assert ledger.says(TAG, CARLA).all(Release)


def test_other_numbers_after_a_release_are_a_correction(ledger):
    """A case was set aside, say."""
    released(ledger).count = 6
    assert "It corrects" in ledger.says(TAG, BEN).sentences[0]


# ---- what stands in the way ----------------------------------------------------------------------------------------------------------


def test_nothing_is_agreed_to_too_early(ledger):
    """The reasons are told, and the line for later."""
    ledger.hinders = ("It cannot be released before 2026-12-12, which is 14 days after the end.",)
    found = ledger.says(TAG)
    assert (found.ok, found.all(Agree)) == (False, [])
    assert "before 2026-12-12" in found.sentences[0]
    assert TAG in found.sentences[0]


@pytest.mark.parametrize(("text", "whose"), [(f"{TAG}\nRobin left.", "Your text cannot"), (TAG, "The words around the numbers cannot")])
def test_words_that_point_at_somebody_are_named(ledger, text, whose):
    """To whoever wrote them; nobody else is sent anything."""
    ledger.hits = ("“robin” is a name", "“followed me from room to” stands in a report")
    found = ledger.says(text)
    assert (found.ok, found.all(Agree), found.who(DRAFT)) == (False, [], [])
    assert found.sentences[0].startswith(whose)
    assert "“robin” is a name; “followed" in found.sentences[0]


UNKNOWN = "There is no report called {} that you can release."


def test_an_unknown_report_lists_the_known(ledger):
    """Those that the asker may know."""
    found = ledger.says("[release:pycon-2062]")
    assert found.sentences[0].startswith(UNKNOWN.format("pycon-2062"))
    assert "It can be pycon-2026 or autumn" in found.sentences[0]
    assert "autumn" not in ledger.says("[release:pycon-2062]", BEN).sentences[0]


def test_whoever_is_kept_out_is_answered_as_of_none(ledger):
    """The same words as of a report that there is not, and nobody hears of it."""
    ledger.out = frozenset({"dora"})
    for text in (TAG, f"{TAG}\n{LEARNED}"):
        found = ledger.says(text, DORA)
        assert found.sentences[0].replace("pycon-2026", "x") == ledger.says("[release:nothing]", DORA).sentences[0].replace("nothing", "x")
        assert (found.all(Agree), found.letters) == ([], [found.letter(Kind.ANSWER)])


def test_where_nothing_may_be_known_nothing_is_listed(ledger):
    """A person kept out of everything."""
    ledger.out = frozenset({"ben"})
    assert (
        ledger.says("[release:nothing]", BEN).sentences[0] == f"{UNKNOWN.format('nothing')} A period is written YEAR, YEAR-h1 or YEAR-h2."
    )


def test_one_mail_releases_one_report(ledger):
    """The second tag is refused, so nothing is done."""
    found = ledger.says(f"{TAG}\n{TAG}")
    assert (found.ok, found.all(Agree)) == (False, [])
    assert "send the other one in a mail of its own" in found.sentences[1]


# ---- who may -------------------------------------------------------------------------------------------------------------------------


def test_an_outside_contact_is_not_needed_where_two_are_left(ledger):
    """For them it does not exist."""
    assert "There is no report called" in ledger.says(TAG, FELIX).sentences[0]


def test_an_outside_contact_counts_where_fewer_than_two_are_left(ledger):
    """Staff and board are kept out but for one."""
    ledger.out = frozenset({"ana", "ben", "carla"})
    found = ledger.says(TAG, DORA)
    assert found.who(DRAFT) == ["fallback"]
    assert ledger.says(TAG, FELIX).all(Release)


def test_where_only_one_is_left_another_contact_has_to_be_named(ledger):
    """The answer says so, the first time and after that."""
    ledger.out = frozenset({"ana", "ben", "carla", "fallback"})
    assert "Nobody else may release it: another contact" in ledger.says(TAG, DORA).sentences[0]
    assert "nobody else may release it: another contact" in ledger.says(TAG, DORA).sentences[0]


# ---- how the mail comes --------------------------------------------------------------------------------------------------------------


def test_a_new_mail_is_asked_back(ledger):
    """Nothing proves it but the address: nothing is agreed to until its writer confirms."""
    found = ledger.says(f"{TAG}\n{LEARNED}", DORA, thread=None, references=())
    assert (found.all(Agree), found.to("dora"), len(found.all(Await))) == ([], [Kind.CHALLENGE], 1)
    assert found.letter(Kind.CHALLENGE).facts["asked"][0]["text"] == LEARNED
    assert found.who(DRAFT) == []


def test_what_was_asked_back_is_done_once_confirmed(ledger):
    """Of the board too, which otherwise confirms nothing."""
    ledger.says(f"{TAG}\n{LEARNED}", DORA, thread=None, references=())
    found = ledger.confirms(DORA)
    assert [one.agreement.by for one in found.all(Agree)] == ["dora"]
    assert found.ok


def test_in_the_subject_of_a_new_mail(ledger):
    """As any tag."""
    found = ledger.says("", DORA, thread=None, references=(), subject=TAG)
    assert found.to("dora") == [Kind.CHALLENGE]


def test_a_report_of_the_board_is_a_report(ledger):
    """Any other tag of theirs stays text, and a mail without this one is a report like any."""
    found = ledger.says("[take]", DORA)
    assert found.all(Open)


def test_nothing_else_of_the_board_is_done(ledger):
    """The mail is refused as a whole: all commands of a mail apply, or none."""
    found = ledger.says(f"{TAG}\n[take]", DORA)
    assert (found.all(Agree), found.all(Open)) == ([], [])
    assert found.sentences == ["Not done, because another command of this mail was refused.", "Only the case team can act on a case."]


def test_a_misspelt_release_of_the_board_is_no_report(ledger):
    """It is answered with the right spelling."""
    found = ledger.says("[relaese:pycon-2026]", DORA)
    assert (found.all(Open), found.ok) == ([], False)
    assert TAG in found.sentences[0]


def test_an_alarm_of_the_board_goes_first(ledger):
    """Beside it a report does not matter: the mail is a report, and nothing of it gets lost."""
    assert ledger.says(f"{TAG}\n[urgent] He is here.", DORA).all(Open)


def test_the_board_may_answer_a_letter_about_a_case(ledger):
    """Their mail is then about the report, and no note of the case."""
    ledger.world.report()
    thread = Thread(ticket=ledger.world.case, found=Found.TOKEN, token="t" * 26, holder="dora")
    found = ledger.says(f"{TAG}\n{LEARNED}", DORA, thread=thread)
    assert ([one.agreement.by for one in found.all(Agree)], found.all(Keep)) == (["dora"], [])
    assert [one.ticket_id for one in found.all(File)] == [None]


def test_staff_may_release_beside_a_case(ledger):
    """What else they write to a case stays with it, and its team is not told of the report."""
    ledger.world.report()
    thread = Thread(ticket=ledger.world.case, found=Found.TOKEN, token="t" * 26, holder="ana")
    found = ledger.says(f"[take]\n{TAG}", thread=thread)
    assert (found.ok, len(found.all(Agree)), found.who(Kind.COPY)) == (True, 1, ["ben", "carla"])
    assert [one["written"] for one in found.letter(Kind.COPY).facts["done"]] == ["[take]"]


def test_two_alternatives_release_nothing(ledger):
    """The plain text and the HTML hold different commands; whoever of the board wrote it has not reported anything."""
    found = ledger.says(f"Hello.\n{TAG}", DORA, commands_differ=True)
    assert (found.all(Agree), found.all(Open)) == ([], [])


def test_an_automatic_answer_of_the_board_releases_nothing(ledger):
    """An out-of-office reply that quotes the tag at its top."""
    assert ledger.says(TAG, DORA, sort=Sort.AUTOMATIC).all(Agree) == []


def test_strangers_release_nothing():
    """In their mail a tag is text."""
    found = World(policy=policy()).arrive(mail(TAG))
    assert (len(found.all(Open)), found.all(Agree)) == (1, [])


def test_one_who_has_left_the_configuration_is_called_by_their_handle(ledger):
    """The ledger is older than they are gone."""
    released(ledger)
    ledger.made[-1] = replace(ledger.made[-1], by="zoe")
    assert "zoe and Dora Debono" in ledger.says(TAG, BEN).sentences[0]


# ---- what a stranger tried -----------------------------------------------------------------------------------------------------------


def test_nobody_agrees_to_what_they_cannot_have_read(ledger):
    """Carla answers the draft of last week; Ana wrote words of her own since, which no letter that Carla answers has."""
    draft_of = replace(ledger.world_thread(CARLA), written_at=ledger.world.now)
    ledger.world.wait(DAY)
    ledger.says(f"{TAG}\n{LEARNED}")
    found = ledger.says(TAG, CARLA, thread=draft_of)
    assert (found.ok, found.all(Release), found.all(Agree)) == (False, [], [])
    assert "Ana Abela agreed to another text after the letter that you answer was written" in found.sentences[0]
    ledger.world.wait(DAY)
    newer = replace(ledger.world_thread(CARLA), written_at=ledger.world.now)
    assert ledger.says(TAG, CARLA, thread=newer).all(Release)


def test_a_confirmation_agrees_to_what_was_there_when_the_mail_was_written(ledger):
    """Dora's mail waited for her [confirm] while Ana put other words into the report."""
    ledger.says(TAG, DORA, thread=None, references=())
    ledger.world.wait(DAY)
    ledger.says(f"{TAG}\n{LEARNED}")
    found = ledger.confirms(DORA)
    assert (found.ok, found.all(Release), found.all(Agree)) == (False, [], [])
    assert "or after you wrote" in found.sentences[0]


@pytest.mark.parametrize("text", [f"[recuse]\n{TAG}", f"{TAG}\n\n[recuse]"])
def test_who_steps_out_with_the_same_mail_agrees_to_nothing(ledger, text):
    """Who is kept out of what is counted was looked up before the mail did anything; the [recuse] counts all the same."""
    ledger.world.report()
    ledger.says(TAG)
    thread = Thread(ticket=ledger.world.case, found=Found.TOKEN, token="t" * 26, holder="ben")
    found = ledger.says(text, BEN, thread=thread)
    assert (found.all(Release), found.all(Agree), found.who(RELEASED), found.who(DRAFT)) == ([], [], [], [])
    assert found.all(Withhold)


@pytest.mark.parametrize(
    "changes", [{"name": "ANA ABELA"}, {"aliases": (ANA.address,)}], ids=["under the same name", "with the other's address as an alias"]
)
def test_one_person_under_two_handles_agrees_once(changes):
    """Somebody of the staff is of the board with another address: still one person."""
    twin = replace(DORA, **changes)
    plain = policy(approvals=1)
    ledger = Ledger(world=World(policy=replace(plain, people=tuple(twin if one.handle == DORA.handle else one for one in plain.people))))
    ledger.says(TAG)
    found = ledger.says(TAG, twin)
    assert (found.ok, found.all(Release)) == (False, [])
    assert "Somebody else has to agree" in found.sentences[0]


def test_no_one_learns_from_a_hit_who_is_on_a_case_they_are_kept_out_of(ledger):
    """Ben writes all names he can think of: to him that is a first agreement like any; the others read which of them must not stand there."""
    ledger.hits, ledger.blind = ("“robin” is a name",), {"ben": (), "carla": ()}
    found = ledger.says(f"{TAG}\nRobin, Sam and Alex helped.", BEN)
    assert (found.ok, len(found.all(Agree)), "robin" in found.sentences[0]) == (True, 1, False)
    assert [(who, found.letter(DRAFT, who).facts["hits"]) for who in found.who(DRAFT)] == [
        ("ana", ["“robin” is a name"]),
        ("carla", []),
        ("dora", ["“robin” is a name"]),
    ]
    for who, said in ((ANA, "“robin” is a name"), (CARLA, "It cannot be released with these words")):
        found = ledger.says(TAG, who)
        assert (found.ok, found.all(Release), said in found.sentences[0]) == (False, [], True)
