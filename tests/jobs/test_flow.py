"""The main job on fakes: from a report to its outcome, through every station."""

import pytest

from tests.town import Town, read, words

REPORT = """
Hello,

somebody shouted at me on the forum last night, and kept on after I asked them to stop.
Kim
"""


def test_a_report_is_acknowledged_and_told(town: Town) -> None:
    """A report becomes a ticket, its writer gets the acknowledgement, and each of staff a notice with the text."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    (receipt,) = town.letters("kim@reporter.example")
    assert read(receipt)["In-Reply-To"] == "<mail-1@reporter.example>"
    assert "shouted" not in receipt.raw.decode()
    for handle in ("ana", "ben", "carla"):
        (notice,) = town.letters(f"{handle}@pymalta.example")
        assert "| somebody shouted at me" in words(notice)
    assert town.letters("dora@pymalta.example") == []


def test_one_mail_resolves(town: Town) -> None:
    """A volunteer who answers the first notice with one mail has resolved the case (product.md section 6, day one)."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    answer = town.order(
        "ana",
        """
        [determine violation=yes who="Robin Example" ongoing=no safety=no]
        Robin shouted at Kim on the forum.
        [resolve:private-reprimand]
        [reply]
        Thank you for waiting. We have spoken about this today.
        """,
    )
    told = words(answer)
    assert "✗" not in told
    assert "Sent to the reporter: yes" in told
    receipt, outcome = town.letters("kim@reporter.example")
    assert "We have spoken about this today." in words(outcome)
    assert "Robin" not in words(outcome)
    assert read(receipt)["Subject"] == read(outcome)["Subject"]


def test_a_plain_answer_stays_inside(town: Town) -> None:
    """Text without a tag is a note: the others get it, its writer is told so, the reporter gets nothing (behaviour 36)."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    answer = town.order("ana", "I know both of them, let us talk tonight.")
    assert "internal note" in words(answer)
    assert "Sent to the reporter: no" in words(answer)
    assert "let us talk tonight" in words(town.letters("ben@pymalta.example")[-1])
    assert len(town.letters("kim@reporter.example")) == 1


def test_unproven_decisions_are_asked_back(town: Town) -> None:
    """Without a proof of the sending domain a decision is asked back once, and done when its code comes back (behaviour 30)."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    town.write("ana@pymalta.example", "[reply]\nWe are looking into it.", answers=town.letters("ana@pymalta.example")[-1])
    town.run()
    challenge = town.letters("ana@pymalta.example")[-1]
    assert len(town.letters("kim@reporter.example")) == 1
    code = words(challenge).partition("[confirm:")[2][:26]
    town.write("ana@pymalta.example", f"[confirm:{code}]")
    town.run()
    assert "We are looking into it." in words(town.letters("kim@reporter.example")[-1])
    town.write("ana@pymalta.example", f"[confirm:{code}] ")
    town.run()
    assert len(town.letters("kim@reporter.example")) == 2


def test_the_reporter_answers(town: Town) -> None:
    """An answer to the acknowledgement, and one to the reporter's own first mail, land on the same ticket (behaviour 19)."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    town.write("kim@reporter.example", "One more thing: it was on Sunday.", answers=town.letters("kim@reporter.example")[0])
    town.write("kim@reporter.example", "And there is a log.", In_Reply_To="<mail-1@reporter.example>")
    town.run()
    assert len(town.letters("kim@reporter.example")) == 1
    told = [words(parcel) for parcel in town.letters("ana@pymalta.example")]
    assert len(told) == 3
    assert "it was on Sunday" in told[1]
    assert "there is a log" in told[2]


def test_the_week_escalates(town: Town) -> None:
    """An unanswered case climbs its ladder: untaken, lead, staff, board, holding letter, breach; each step once."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    for _ in range(170 * 2):
        town.pass_time(minutes=30)
    subjects = [read(parcel)["Subject"].partition("] ")[2] for parcel in town.letters("ben@pymalta.example")]
    assert subjects.count("New report") == 1
    board = [read(parcel)["Subject"] for parcel in town.letters("dora@pymalta.example")]
    assert sum("eadline" in subject for subject in board) == 2
    letters = town.letters("kim@reporter.example")
    assert len(letters) == 2
    assert "sorry" in words(letters[1])


def test_a_digest_every_week(town: Town) -> None:
    """The board gets one digest for each ISO week, also an empty one, also after three weeks of downtime just the latest."""
    town.pass_time(days=7)
    town.pass_time(hours=1)
    assert len(town.letters("dora@pymalta.example")) == 1
    town.pass_time(days=21)
    assert len(town.letters("dora@pymalta.example")) == 2


def test_the_fourth_unproven_mail_is_not_asked_back(town: Town) -> None:
    """Three questions may wait; the next mail is kept as a note and its writer told what to do, until one is confirmed."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    notice = town.letters("ana@pymalta.example")[0]
    for number in range(4):
        town.write("ana@pymalta.example", f"[reply]\nWe are looking into it: {number}.", answers=notice)
        town.run()
    letters = town.letters("ana@pymalta.example")[1:]
    assert ["confirm:" in words(letter) for letter in letters] == [True, True, True, False]
    assert "3 other mails" in words(letters[-1])
    assert len(town.letters("kim@reporter.example")) == 1
    code = words(letters[0]).partition("[confirm:")[2][:26]
    town.write("ana@pymalta.example", f"[confirm:{code}]")
    town.run()
    town.write("ana@pymalta.example", "[reply]\nWe are looking into it: 3.", answers=letters[-1])
    town.run()
    assert "confirm:" in words(town.letters("ana@pymalta.example")[-1])


def test_the_log_names_the_case_of_a_mail_that_changes_nothing(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """A look-up and a refused command are about a case all the same, and the operator sees which."""
    town.write("kim@reporter.example", REPORT)
    town.run()
    code = read(town.letters("ana@pymalta.example")[0])["Subject"].partition("[")[2].partition("]")[0]
    with caplog.at_level("INFO"):
        town.order("ana", "[status]")
        town.order("ana", "[close]")
    filed = [line.getMessage() for line in caplog.records if line.getMessage().startswith("filed")]
    assert [code in line for line in filed] == [True, True]
