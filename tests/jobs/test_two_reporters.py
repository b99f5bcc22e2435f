"""Two reports of one incident, from the mails that come in to the letters that leave: one case for the team, and a thread for each reporter."""

import re
from collections.abc import Callable

from maild.ports import Answer, Outcome, Parcel
from tests.town import Town, read, words

KIM, LEE = "kim@reporter.example", "lee@elsewhere.example"

REFUSED = Answer(outcome=Outcome.FAILED, code=550, text="no such mailbox")

DECIDED = """\
[determine what violation=yes who="Robin Example" ongoing=no safety=no]
Robin shouted at two people.
[resolve:private-reprimand]
[told:P1]
"""


def code(letter: Parcel) -> str:
    """The code name in a Subject."""
    found = re.match(r"\[([a-z]+-[a-z]+)\]", read(letter)["Subject"])
    assert found
    return found[1]


def reported(town: Town) -> tuple[str, str]:
    """Two reports; their code names."""
    codes = []
    for sender, text in ((KIM, "Robin shouted at me in the hall."), (LEE, "I saw somebody being shouted at.")):
        town.write(sender, text)
        town.run()
        codes.append(code(town.letters("ana@pymalta.example")[-1]))
    return codes[0], codes[1]


def merged(town: Town) -> tuple[str, str]:
    """The second report as part of the first."""
    kim, lee = reported(town)
    first = next(one for one in town.letters("ana@pymalta.example") if code(one) == kim)
    assert f"{lee} is part of {kim} now" in words(town.order("ana", f"[merge:{lee}]", answers=first))
    return kim, lee


def references(letter: Parcel) -> str:
    """Everything in a letter that could tell of another thread."""
    mail = read(letter)
    return " ".join(str(mail[name]) for name in ("Subject", "References", "In-Reply-To", "Message-ID", "To", "Cc"))


def test_both_are_answered_apart(town: Town) -> None:
    """Merged, resolved, closed: each gets acknowledgement and outcome on their own thread, and nothing of the other in any header or word."""
    kim, lee = merged(town)
    town.order("ana", DECIDED)
    letters = {who: town.letters(who) for who in (KIM, LEE)}
    assert [len(one) for one in letters.values()] == [2, 2]
    known = {who: re.search(r"R-\w{5}", read(one[0])["Subject"])[0] for who, one in letters.items()}  # type: ignore[index]
    for who, other in ((KIM, LEE), (LEE, KIM)):
        for letter in letters[who]:
            said = references(letter) + words(letter)
            assert known[who] in said
            assert not [hint for hint in (known[other], other, kim, lee, letters[other][0].message_id) if hint in said]
        assert f"<{letters[who][0].message_id}>" not in references(letters[other][1])
    assert "✓ [close]" in words(town.order("ana", "[close]"))
    with town.house.store.read() as work:
        assert work.tickets.counts() == {"closed": 1, "merged": 1}


def test_what_comes_for_the_other_lands_on_the_case(town: Town) -> None:
    """A mail of the second reporter is told by the name of the case; to answer it nothing but [reply] is needed, and it goes to that one."""
    kim, lee = merged(town)
    town.write(LEE, "It was in the big hall.", answers=town.letters(LEE)[-1])
    town.run()
    notice = town.letters("ben@pymalta.example")[-1]
    assert code(notice) == kim
    assert "It was in the big hall." in words(notice)
    before = len(town.letters(KIM))
    assert "✓ [reply]" in words(town.order("ben", "[reply]\nThank you for adding that.", answers=notice))
    assert "Thank you for adding that." in words(town.letters(LEE)[-1])
    assert len(town.letters(KIM)) == before
    unclear = words(town.order("ben", "[reply]\nThank you both."))
    assert "This case has 2 reporters; say which: [reply to=R-" in unclear
    assert len(town.letters(KIM)) == before
    shown = words(town.order("ben", f"[show:{lee}]"))
    assert "It was in the big hall." in shown
    assert "Robin shouted at me in the hall." in shown


def test_a_first_notice_may_be_answered_as_before(town: Town) -> None:
    """A [reply] to the notice of either report goes to the one who wrote it."""
    kim, lee = merged(town)
    for name, who in ((kim, KIM), (lee, LEE)):
        first = next(one for one in town.letters("carla@pymalta.example") if code(one) == name)
        before = len(town.letters(who))
        assert "✓ [reply]" in words(town.order("carla", "[reply]\nWe read it.", answers=first))
        assert len(town.letters(who)) == before + 1


def test_taken_apart_again(town: Town) -> None:
    """After a split each case is its own: mails, commands and lists."""
    kim, lee = merged(town)
    assert f"{lee} is a case of its own again" in words(town.order("ana", "[split]"))
    town.write(LEE, "Any news?", answers=town.letters(LEE)[-1])
    town.run()
    assert code(town.letters("ana@pymalta.example")[-1]) == lee
    assert lee in words(town.order("ana", "[list:open]"))
    assert "Robin shouted" not in words(town.order("ana", f"[show:{lee}]"))
    with town.house.store.read() as work:
        assert work.tickets.counts() == {"acknowledged": 2}
    assert kim != lee


def test_each_week_is_kept_and_counted(town: Town) -> None:
    """Nobody answers: the week of each reporter is missed on its own, and the digest counts one report and two deadlines."""
    kim, lee = merged(town)
    town.order("ana", "[take]")
    town.pass_time(days=8)
    missed = [words(one) for one in town.letters("dora@pymalta.example") if "missed" in read(one)["Subject"]]
    assert len([one for one in missed if kim in one]) == 2
    digest = next(words(one) for one in town.letters("dora@pymalta.example") if "week" in read(one)["Subject"])
    assert "New reports: 1" in digest
    assert lee in digest


def test_an_answer_that_comes_back_reaches_the_team(town: Town) -> None:
    """The outcome letter to the second reporter fails: the team hears of it on the case, and cannot close it."""
    kim, _ = merged(town)
    town.courier.on_rcpt[LEE] = REFUSED
    town.order("ana", DECIDED)
    failed = next(one for one in town.letters("ana@pymalta.example") if "did not arrive" in words(one))
    assert code(failed) == kim
    assert "✗ [close]" in words(town.order("ana", "[close]"))


def test_whoever_is_named_in_one_hears_nothing_of_both(found: Callable[..., Town]) -> None:
    """Kept out by a mention in the second report: from the merge on the first is gone for them as well, in mails, lists and answers."""
    town = found()
    town.write(KIM, "Robin shouted at me in the hall.")
    town.run()
    kim = code(town.letters("ben@pymalta.example")[-1])
    town.write(LEE, "Ben stood there and laughed.")
    town.run()
    lee = code(town.letters("ana@pymalta.example")[-1])
    notice = town.letters("ben@pymalta.example")[-1]
    assert code(notice) == kim
    first = next(one for one in town.letters("ana@pymalta.example") if code(one) == kim)
    town.order("ana", f"[merge:{lee}]", answers=first)
    heard = len(town.letters("ben@pymalta.example"))
    town.order("ana", DECIDED)
    town.write(KIM, "There is more.", answers=town.letters(KIM)[-1])
    town.pass_time(days=3)
    assert len(town.letters("ben@pymalta.example")) == heard
    answer = words(town.order("ben", "[status]", answers=notice))
    assert "[status]" in answer
    assert kim not in answer.replace(f"[{kim}]", "")
    assert "0 below" in words(town.order("ben", "[list:open]"))


def test_whom_another_report_brought_along_is_found_from_other_cases(town: Town) -> None:
    """A warning on the case of both counts on a third one, though only the other report had named the person; and after a split as well."""
    kim, lee = reported(town)
    letters = {code(one): one for one in town.letters("ana@pymalta.example")}
    town.order("ana", '[person:P1 name="Robin Example"]', answers=letters[lee])
    merged_and_warned = town.order("ana", f"[merge:{lee}]\n[warn:P1]\nThey were told to stop.", answers=letters[kim])
    assert "1 in all" in words(merged_and_warned)
    town.write("max@third.example", "Robin shouted at me too.")
    town.run()
    third = town.letters("ana@pymalta.example")[-1]
    assert "2 in all" in words(town.order("ana", '[warn:P1 name="Robin Example"]\nThey were told to stop.', answers=third))
    assert "✓ [split]" in words(town.order("ana", "[split]", answers=letters[kim]))
    assert "3 in all" in words(town.order("ana", "[warn:P1]\nThey were told to stop again.", answers=third))


def test_a_name_to_be_hidden_is_hidden_on_a_third_case(town: Town) -> None:
    """What was written of the other reporter on the case of both is read by [history] from elsewhere without their name."""
    kim, lee = reported(town)
    letters = {code(one): one for one in town.letters("ana@pymalta.example")}
    warned = f'[merge:{lee}]\n[warn:P1 name="Robin Example"]\nlee@elsewhere.example had asked them to stop.'
    town.order("ana", warned, answers=letters[kim])
    town.write(LEE, "[anonymous]", answers=town.letters(LEE)[-1])
    town.run()
    town.write("max@third.example", "Robin shouted at me too.")
    town.run()
    third = town.letters("ana@pymalta.example")[-1]
    answer = words(town.order("ana", '[person:P1 name="Robin Example"]\n[history:P1]', answers=third))
    assert "had asked them to stop" in answer
    assert LEE not in answer


def test_a_record_and_the_report_that_it_is_about_are_one_case_in_one_mail(town: Town) -> None:
    """Taken down in person, of an incident that somebody else has mailed about: one mail makes the case and merges the other into it."""
    kim, _ = reported(town)
    town.order("ana", f"[record]\nSomebody was shouted at in the hall.\n[merge:{kim}]")
    with town.house.store.read() as work:
        counts = work.tickets.counts()
    assert counts["merged"] == 1, counts


def test_one_of_us_who_filed_a_part_sees_the_rest_again_when_they_are_apart(town: Town) -> None:
    """In the store as in the rules: their own report stays closed to them, the other is theirs to work on again."""
    town.write(KIM, "Robin shouted at me in the hall.")
    town.run()
    kim = code(town.letters("ana@pymalta.example")[-1])
    town.write("ben@pymalta.example", "I heard somebody shout, and want to report that.")
    town.run()
    ben = code(town.letters("ana@pymalta.example")[-1])
    town.pass_time(minutes=1)
    first = next(one for one in town.letters("ana@pymalta.example") if code(one) == kim)
    seen = []
    for tag in (f"[merge:{ben}]", "[split]"):
        town.order("ana", tag, answers=first)
        town.pass_time(minutes=1)
        with town.house.store.read() as work:
            seen.append([work.people.sees("ben", ticket_id=work.tickets.by_code(one) or 0) for one in (kim, ben)])
    assert seen == [[False, False], [True, False]]
    assert not any(ben in words(parcel) + str(read(parcel)["Subject"]) for parcel in town.letters("ben@pymalta.example"))
