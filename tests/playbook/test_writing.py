"""Letters to others on a case than its reporter, what must not stand in them, and what comes back (product.md section 6)."""

import pytest

from maild.playbook import disclosure
from maild.playbook.deadlines import Duty
from maild.playbook.effects import Journal
from maild.playbook.entry import What
from maild.playbook.events import Found, Sort
from maild.playbook.letters import Kind
from maild.playbook.retry import GiveUp, after_refusal
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, BEN, DAY, HOUR, KIM, MONDAY, TEAM, World, closed, leaving, policy

ROBIN = "robin@away.example"
ASK = "[write:P1]\nWe would like to hear your side."


def known(role="respondent", address=ROBIN, **changes):
    """A world with one report and somebody on the case."""
    w = World()
    w.report(**changes)
    w.accepted()
    where = f" address={address}" if address else ""
    assert w.staff(f'[person:P1 name="Robin Example" role={role}{where}]').ok
    return w


def decided(text="[resolve:private-reprimand]\n[write:P1]\nPlease leave others their turn."):
    """A world with a case that was decided, and whose respondent was written to in the same mail."""
    w = known()
    assert w.staff(ALL_FIVE + text).ok
    return w


def refusal(decision):
    """Why a mail was refused, and that nothing left."""
    assert leaving(decision) == []
    assert decision.entries == []
    return decision.sentences[-1]


@pytest.mark.parametrize("role", ["respondent", "witness", "affected", "presenter", "representative", "support"])
def test_anybody_on_the_case_can_be_written_to(role):
    """One letter, to the address on the case, with the text and nothing else of the case; the answer says to whom."""
    w = known(role)
    decision = w.staff(ASK)
    (letter,) = leaving(decision)
    assert (letter.kind, letter.to.address, letter.to.handle, letter.to.role) == (Kind.TO_PERSON, ROBIN, "P1", "person")
    assert letter.facts == {"text": "We would like to hear your side."}
    assert (letter.code, letter.reference, letter.in_reply_to, letter.references) == ("", "", "", ())
    assert decision.sentences == ["The letter goes to P1 (Robin Example), and to nobody else."]
    assert decision.answer["sent"] == []
    assert w.case.untold == ()


def test_the_team_gets_a_copy_of_the_letter():
    """With the words that left, and no word that the reporter got any (product.md section 6)."""
    facts = known().staff(ASK).letter(Kind.COPY, "ben").facts
    assert [one["text"] for one in facts["done"]] == ["We would like to hear your side."]
    assert facts["sent"] == []


NOT_WRITTEN = [
    ("[write:P7]\nHello.", {}, "There is no P7 on this case; known: P1 (Robin Example).", "nobody of that reference"),
    ("[write:P1]", {}, "no text below it", "no text"),
    ("[write:P1]\n---", {}, "no text below it", "no word"),
    (ASK, {"address": ""}, "[person:P1 address=name@example.org]", "no address"),
    (ASK, {"address": "info@club.example"}, "our own address", "our own address"),
    (ASK, {"role": "reporter"}, "put [reply] above", "the reporter, by role"),
    (ASK, {"address": "KIM@reporter.example"}, "put [reply] above", "the reporter, by address"),
]


@pytest.mark.parametrize(("text", "person", "words", "why"), NOT_WRITTEN, ids=[why for *_, why in NOT_WRITTEN])
def test_what_cannot_be_written_is_refused_with_the_fix(text, person, words, why):
    """No address, no text, nobody: a sentence with the reason and the line to copy."""
    assert words in refusal(known(**person).staff(text))


def test_the_line_for_a_missing_address_works():
    """What the refusal shows makes the letter possible, in one mail."""
    w = known(address="")
    sentence = w.staff(ASK).sentences[0]
    line = sentence[sentence.index("[person") : sentence.rindex("]") + 1]
    assert [letter.to.address for letter in leaving(w.staff(f"{line}\n{ASK}"))] == ["name@example.org"]


REPORT = "Hello, it was Robin who pushed me against the wall twice yesterday."

HELD = [
    ("Kim told us of it.", "it names the reporter", "the first name"),
    ("Ms. EXAMPLÉ told us.", "it names the reporter", "the last name, in capitals and with an accent"),
    ("Somebody with the nick kim.ex told us.", "it names the reporter", "what stands before the @"),
    ("Is kimex known to you?", "it names the reporter", "the same without its dot"),
    ("It was kim.ex@reporter.example.", "the reporter's address", "the address"),
    ("You pushed me against the wall.", "five words in a row", "five words of the report"),
    ("We think that he did it on purpose, so write.", "five words in a row", "five words of a note"),
    ("Robin talked over the speaker, we hear.", "five words in a row", "five words of what was determined"),
    ("It is case {code}.", "the code name", "the code name"),
    ("Call ana@staff.example.", "private address", "an address of one of us"),
]


def telling_report(**changes):
    """A world with a report by somebody with a name, and a note."""
    w = known(text=REPORT, name="Kim van Example", strict_sender="kim.ex@reporter.example", **changes)
    assert w.staff("[note]\nWe think that he did it on purpose.").answer
    assert w.staff(ALL_FIVE).ok
    return w


@pytest.mark.parametrize(("text", "words", "why"), HELD, ids=[why for *_, why in HELD])
def test_what_must_not_leave_is_held(text, words, why):
    """The reporter's name parts, address and handle; five words of the report or of a note (product.md section 6)."""
    w = telling_report()
    text = text.format(code=w.case.code)
    decision = w.staff(f"[write:P1]\n{text}")
    assert "Held, nothing was sent" in refusal(decision)
    assert words in decision.sentences[0]
    assert "[write:P1 anyway]" in decision.sentences[0]
    insisted = w.staff(f"[write:P1 anyway]\n{text}")
    assert [letter.facts["text"] for letter in leaving(insisted)] == [text]
    assert [line.facts for line in insisted.all(Journal) if line.verb == "insisted"] == [{"letter": "to-person"}]


FREE = [
    ("You must stay out of the forum. We will ban you if it goes on.", "what would press a reporter, or promise them something"),
    ("We would be glad to hear from you about yesterday.", "four words in a row"),
]


@pytest.mark.parametrize(("text", "why"), FREE, ids=[why for _, why in FREE])
def test_what_may_leave_leaves(text, why):
    """Firm words to a respondent are no pressure on a reporter."""
    decision = telling_report().staff(f"[write:P1]\n{text}")
    assert len(leaving(decision)) == 1
    assert not [line for line in decision.all(Journal) if line.verb == "insisted"]


def test_a_word_that_holds_a_name_is_none():
    """Only whole words name the reporter, and a single letter names nobody."""
    w = known(name="Jo K.", strict_sender="x@reporter.example")
    assert leaving(w.staff("[write:P1]\nJoan and K are no names of theirs."))
    assert "names the reporter" in refusal(w.staff("[write:P1]\nJo is."))


def test_the_reporter_by_another_address_is_found_out():
    """A person with the role reporter counts as much as who wrote to us."""
    w = known()
    assert w.staff('[person:P2 name="Lou Grech" role=reporter]').ok
    assert "names the reporter" in refusal(w.staff("[write:P1]\nLou told us."))


def test_a_report_without_a_sender_names_nobody():
    """There is nothing to look for."""
    assert leaving(known(strict_sender="", name="").staff("[write:P1]\nKim told us."))


def test_a_letter_may_repeat_what_its_reader_wrote():
    """Their own words are no leak to them; those of another person on the case are."""
    w = known()
    w.staff(f"[person:P2 name=Sam role=witness address=sam@away.example]\n{ASK}")
    w.party("I only wanted to ask one thing.", ROBIN)
    assert "five words" in refusal(w.staff("[write:P2]\nI only wanted to ask one thing."))
    assert leaving(w.staff("[write:P1]\nYou say: I only wanted to ask one thing."))
    assert leaving(w.staff("[reply]\nThank you, we only wait for one answer."))


def test_a_letter_to_one_is_no_note_of_the_team():
    """The same sentence may go to two people: what left is not what must stay."""
    w = known()
    w.staff("[write:P1]\nPlease leave each other alone for now.")
    assert leaving(w.staff("[reply]\nPlease leave each other alone for now."))


def test_what_they_answer_is_theirs_and_stays_in_the_team():
    """Filed as from them, shown to the team, no word to the reporter, no clock and no state moved."""
    w = known()
    w.staff(ASK)
    before = (w.case.state, w.case.clocks, w.case.reporter)
    decision = w.party("I did not mean it.", ROBIN, message_id="his@away.example")
    assert [(one.relation, one.by) for one in decision.all(type(decision.effects[1]))] == [("person", "P1")]
    assert decision.who(Kind.NEW_MESSAGE) == sorted(TEAM)
    facts = decision.letter(Kind.NEW_MESSAGE).facts
    assert (facts["relation"], facts["writer"]) == ("person", "P1 (respondent)")
    assert leaving(decision) == []
    assert (w.case.state, w.case.clocks, w.case.reporter) == before
    assert decision.happened == [What.HEARD]


def test_the_next_letter_answers_their_mail_and_no_other():
    """Each has a tree of Message-IDs of their own: none of the reporter's stands in it, and none of theirs in the reporter's."""
    w = known()
    w.staff(ASK)
    w.party("I did not mean it.", ROBIN, message_id="his@away.example", references=("others@reporter.example",))
    (letter,) = leaving(w.staff(ASK))
    assert (letter.in_reply_to, letter.references) == ("his@away.example", ("his@away.example",))
    (reply,) = leaving(w.staff("[reply]\nThank you."))
    assert "his@away.example" not in (reply.in_reply_to, *reply.references)


def test_their_tags_are_text():
    """From others than the team the tags are inert, be it [urgent]."""
    w = known()
    w.staff(ASK)
    decision = w.party("[close]\n[urgent]\n[recuse]\n[write:P1]\nHello.", ROBIN)
    assert decision.happened == [What.HEARD]
    assert not w.case.urgent


def test_a_closed_case_stays_closed():
    """Only the reporter opens it again by writing."""
    w = closed()
    w.staff(f"[person:P1 address={ROBIN}]")
    w.party("I object.", ROBIN)
    assert w.case.state is State.CLOSED
    assert not w.case.running(Duty.RESPOND)


ON_THEIR_THREAD = [
    (ROBIN, Found.TOKEN, "person", "the person"),
    ("ROBIN@away.example", Found.TOKEN, "person", "the same in capitals"),
    (ROBIN, Found.MESSAGE_ID, "person", "an answer to a mail that is kept with the case"),
    ("sam@else.example", Found.TOKEN, "third-party", "somebody unknown, who was forwarded the letter"),
    (KIM, Found.TOKEN, "followup", "the reporter, who was sent a copy"),
]


@pytest.mark.parametrize(("sender", "found", "relation", "why"), ON_THEIR_THREAD, ids=[why for *_, why in ON_THEIR_THREAD])
def test_who_writes_on_their_thread(sender, found, relation, why):
    """The person at the address on the case; an unknown sender is a third party, there as anywhere."""
    w = known()
    w.staff(ASK)
    assert w.party("Hello.", sender, found=found).letter(Kind.NEW_MESSAGE).facts["relation"] == relation


def test_a_code_in_the_subject_is_no_thread_of_theirs():
    """They never learn the code; who has it from a screen opens a case of their own."""
    w = known()
    assert w.party("Hello.", ROBIN, found=Found.CODE).file.kind == "report"


def test_one_of_us_who_is_on_the_case_is_heard_as_such_on_their_own_thread():
    """A staff member who is asked as a witness answers as a witness there, and works as staff elsewhere."""
    w = known("witness", BEN.address)
    w.staff("[unrecuse:ben]")
    w.staff(ASK)
    assert w.party("[take]", BEN.address).happened == [What.HEARD]
    w.staff("[take]", BEN, token="b" * 26)
    assert w.case.lead == "ben"


def test_what_no_person_wrote_is_only_kept():
    """An out-of-office answer of theirs is none of the reporter's."""
    w = known()
    w.staff(ASK)
    decision = w.party("I am away.", ROBIN, sort=Sort.AUTOMATIC)
    assert decision.happened == [What.AUTOMATIC]
    assert decision.letter(Kind.NEW_MESSAGE).facts["writer"] == "P1 (respondent)"


@pytest.mark.parametrize("above", [True, False], ids=["after the resolution", "before it"])
def test_the_letter_in_the_mail_of_a_resolution_tells_them(above):
    """Untold until the mail server has taken it; nobody is asked to tell them besides (product.md section 6)."""
    resolution, letter = "[resolve:private-reprimand]", "[write:P1]\nPlease leave others their turn."
    w = known()
    decision = w.staff(ALL_FIVE + "\n".join((resolution, letter) if above else (letter, resolution)))
    assert [one.kind for one in leaving(decision)] == ([Kind.DECISION, Kind.OUTCOME])
    assert "Please tell" not in " ".join(decision.sentences)
    assert w.case.untold == ("P1",)
    assert decision.answer["open"] == []
    w.accepted(Kind.OUTCOME)
    assert "mail server of P1" in refusal(w.staff("[close]"))
    w.fate(Kind.DECISION, "P1", accepted=True)
    assert w.case.untold == ()
    assert w.staff("[close]").ok


def test_an_earlier_letter_tells_them_of_nothing_later():
    """What asked for their side, accepted after the resolution, is not what was decided."""
    w = known()
    w.staff(ASK)
    w.staff(ALL_FIVE + "[resolve:private-reprimand]")
    assert w.fate(Kind.TO_PERSON, "P1", accepted=True).effects == ()
    assert w.case.untold == ("P1",)


def test_a_letter_to_another_tells_the_respondent_nothing():
    """A witness who is written to in the mail of a resolution is only written to."""
    w = known()
    w.staff("[person:P2 name=Sam role=witness address=sam@away.example]")
    decision = w.staff(ALL_FIVE + "[resolve:private-reprimand]\n[write:P2]\nThank you for your help.")
    assert Kind.TO_PERSON in [one.kind for one in leaving(decision)]
    assert "[told:P1]" in decision.sentences[1]


def test_a_bounce_undoes_that_they_were_told():
    """The team hears of it, and the respondent is untold again, in a closed case too."""
    w = decided()
    w.accepted(Kind.OUTCOME)
    w.fate(Kind.DECISION, "P1", accepted=True)
    w.staff("[close]")
    decision = w.fate(Kind.DECISION, "P1", accepted=False)
    assert w.case.untold == ("P1",)
    assert decision.who(Kind.FAILURE) == sorted(TEAM)
    facts = decision.letter(Kind.FAILURE).facts
    assert (facts["letter"], facts["person"]) == ("decision", "P1")


def test_a_letter_that_never_arrived_tells_nobody():
    """Refused at once: untold stays, and is to be done by hand again."""
    w = decided()
    w.fate(Kind.DECISION, "P1", accepted=False)
    assert w.case.untold == ("P1",)
    assert "then write [told:P1]" in refusal(w.staff("[close]"))
    assert w.staff("[told:P1]").ok


def test_the_letter_after_a_lost_one_takes_its_place():
    """With another address it is sent again, and tells them as the first would have; after that a letter is only a letter."""
    w = decided()
    w.fate(Kind.DECISION, "P1", accepted=False)
    decision = w.staff("[person:P1 address=robin@home.example]\n[write:P1]\nPlease leave others their turn.")
    assert [(one.kind, one.to.address) for one in leaving(decision)] == [(Kind.DECISION, "robin@home.example")]
    w.fate(Kind.DECISION, "P1", accepted=True)
    assert w.case.untold == ()
    assert [one.kind for one in leaving(w.staff(ASK))] == [Kind.TO_PERSON]


def test_who_was_told_by_other_means_stays_told():
    """Neither the arrival nor the bounce of a letter says anything of that."""
    w = decided()
    w.staff("[told:P1]")
    w.fate(Kind.DECISION, "P1", accepted=True)
    w.fate(Kind.DECISION, "P1", accepted=False)
    assert w.case.untold == ()


def test_a_plain_letter_that_bounces_is_told_to_the_team():
    """And changes nothing but that."""
    w = known()
    w.staff(ASK)
    decision = w.fate(Kind.TO_PERSON, "P1", accepted=False)
    assert decision.who(Kind.FAILURE) == sorted(TEAM)
    assert w.case.untold == ()


def test_a_server_that_refuses_them_is_not_asked_again():
    """What is final for a reporter is final for others outside."""
    hour = {"attempts": 1, "made_at": MONDAY, "now": MONDAY + HOUR, "chance": 0.5, "limits": policy().limits}
    assert isinstance(after_refusal(permanent=True, role=disclosure.OUTSIDER, **hour), GiveUp)


def test_two_people_get_two_letters():
    """One recipient each, and no mention of the other (row P45)."""
    w = known()
    w.staff('[person:P2 name="Sam" role=respondent address=sam@away.example]')
    decision = w.staff(
        ALL_FIVE.replace('"Robin Example"', "P1,P2")
        + "[resolve:private-reprimand to=P1,P2]\n[write:P1]\nPlease wait for your turn.\n[write:P2]\nPlease wait for your turn, too."
    )
    letters = [one for one in leaving(decision) if one.kind is Kind.DECISION]
    assert [(one.to.handle, one.to.address) for one in letters] == [("P1", ROBIN), ("P2", "sam@away.example")]
    assert [one.facts["text"] for one in letters] == ["Please wait for your turn.", "Please wait for your turn, too."]
    assert "Sam" not in str(letters[0].facts)
    assert "Robin" not in str(letters[1].facts)
    w.wait(DAY)
    w.fate(Kind.DECISION, "P2", accepted=True)
    assert w.case.untold == ("P1",)
