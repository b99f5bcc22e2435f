"""The main job on real servers, as the people in it meet it."""

import re

from tests.servers.sink import Arrived
from tests.whole.stage import Stage, eventually, header, read, words

REPORT = """
Hello,

somebody shouted at me on the forum last night, and kept on after I asked them to stop.
Kim
"""

DECISION = """
[take]
[determine violation=yes who="Robin Example" ongoing=no safety=no]
Robin shouted at Kim on the forum.
[resolve:private-reprimand]
[reply]
Thank you for waiting. We have spoken about this today.

--
Ana, on the train
"""


def test_the_story(stage: Stage) -> None:
    """Report, acknowledgement, notice, one mail that decides, outcome letter, answer to staff; then a clean stop."""
    stage.start()
    stage.write("kim@reporter.test", REPORT)
    (receipt,) = stage.await_letters("kim@reporter.test", 1)
    assert read(receipt)["Auto-Submitted"] == "auto-replied"
    assert "shouted" not in words(receipt)
    (notice,) = stage.await_letters("ana@team.test", 1)
    assert "| somebody shouted at me" in words(notice)
    stage.write("ana@team.test", DECISION, answers=notice, subject="Re: " + header(notice, "Subject"))
    answer = stage.await_letters("ana@team.test", 2)[1]
    assert "✗" not in words(answer), words(answer)
    assert "dmarc=pass" in words(answer)
    outcome = stage.await_letters("kim@reporter.test", 2)[1]
    assert "We have spoken about this today." in words(outcome)
    assert "Robin" not in words(outcome)
    assert "train" not in words(outcome)
    eventually(lambda: stage.status()["unsent_letters"] == 0)
    assert stage.status()["cases"] == {"resolved": 1}
    assert stage.stop() <= 10


def test_the_answer_threads_and_reopens(stage: Stage) -> None:
    """The reporter's answer lands on the case; after [close] it opens it again with a new week (behaviours 19 and 20)."""
    stage.start()
    stage.write("kim@reporter.test", REPORT)
    (notice,) = stage.await_letters("ana@team.test", 1)
    stage.write(
        "ana@team.test",
        DECISION.replace("private-reprimand", 'other label="a word"').replace("[reply]", "We had a word.\n[reply]"),
        answers=notice,
    )
    answer = stage.await_letters("ana@team.test", 2)[1]
    assert "✗" not in words(answer), words(answer)
    outcome = stage.await_letters("kim@reporter.test", 2)[1]
    eventually(lambda: stage.status()["unsent_letters"] == 0)
    stage.write("ana@team.test", "[close]", answers=notice)
    assert "✓ [close]" in words(stage.await_letters("ana@team.test", 3)[2])
    stage.write("kim@reporter.test", "Thank you. It happened again today.", answers=outcome)
    told = stage.await_letters("ana@team.test", 4)[3]
    assert "It happened again today." in words(told)
    assert stage.status()["cases"] == {"reopened": 1}


def test_a_forged_staff_mail_does_nothing(stage: Stage) -> None:
    """A mail in Ana's name from elsewhere, with a forged verdict and even her token, changes nothing and tells Ana (behaviour 31)."""
    stage.start()
    stage.write("kim@reporter.test", REPORT)
    (notice,) = stage.await_letters("ana@team.test", 1)
    forged = stage.mail(
        "ana@team.test",
        "[resolve:nothing]\n[reply]\nGo away.",
        answers=notice,
        Authentication_Results="mx.pymalta.test; dmarc=pass header.from=team.test",
    )
    stage.postfix.submit(forged, "mallory@evil.test", [stage.account.user])
    asked = stage.await_letters("ana@team.test", 2)[1]
    assert "not" in words(asked).lower()
    stage.write("ana@team.test", "[status]", answers=notice)
    told = stage.await_letters("ana@team.test", 3)[2]
    assert "resolved" not in words(told)
    assert len(stage.letters("kim@reporter.test")) == 1


def test_junk_is_held(stage: Stage) -> None:
    """What the server laid into Junk is held and not acknowledged, and one command makes a report of it."""
    stage.start()
    stage.account.append(stage.mail("kim@reporter.test", REPORT), folder="Junk")
    eventually(lambda: stage.status().get("cases") == {"held": 1})
    assert stage.letters("kim@reporter.test") == []
    code = re.findall(r'"code": "([a-z-]+)"', stage.ask("tickets", "--json").stdout)[0]
    stage.write("ana@team.test", f"[case:{code}] [report]", subject="that one in Junk")
    (challenge,) = stage.await_letters("ana@team.test", 1)
    confirm(stage, challenge)
    stage.await_letters("kim@reporter.test", 1)
    assert stage.status()["cases"] == {"acknowledged": 1} or eventually(lambda: stage.status()["cases"] == {"acknowledged": 1})


def confirm(stage: Stage, challenge: Arrived) -> None:
    """Answer a challenge."""
    code = re.findall(r"\[confirm:[a-z2-7]{26}\]", words(challenge))[0]
    stage.write(read(challenge)["To"].addresses[0].addr_spec, code, answers=challenge)


def test_a_seen_mail_is_taken_in_and_flags_stay(stage: Stage) -> None:
    """A mail somebody opened before is a ticket all the same, and an unread one stays unread (behaviours 1 and 2)."""
    seen = stage.account.append(stage.mail("kim@reporter.test", REPORT), flags=[b"\\Seen"])
    unseen = stage.account.append(stage.mail("lee@reporter.test", REPORT))
    stage.start()
    stage.await_letters("kim@reporter.test", 1)
    stage.await_letters("lee@reporter.test", 1)
    flags = {uid: set(flags) - {b"\\Recent"} for uid, flags, _ in stage.account.messages()}
    assert flags == {seen: {b"\\Seen"}, unseen: set()}
