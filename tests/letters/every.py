"""Every letter maild sends, in each of its branches: one function a letter, named after its golden file.

`python -m tests.letters.every` writes the golden files anew; `git diff` then shows what readers would notice.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from maild.mail.kind import DISOWNED, FEEDBACK
from maild.playbook import disclosure, tally
from maild.playbook.decide import arrived, numbered
from maild.playbook.decide.merging import Unsent, merged
from maild.playbook.decide.summary import held_summary, report_summary
from maild.playbook.events import Found, Mail, Sort, Thread
from maild.playbook.fresh import FIRST, Fresh
from maild.playbook.intake_card import intake_card
from maild.playbook.letters import Kind, Letter
from maild.playbook.occasions import Family, Occasion, letters
from maild.playbook.policy import Notices, Policy
from maild.playbook.tally import Standing
from maild.playbook.ticket import Ticket
from maild.render import Rendered, Templates
from tests.letters.story import BARE, CONFERENCE, HOUR, MINIMAL, POLICY, SPACED, START, TOLD, TWO_PEOPLE, Story, written
from tests.playbook.cases import Decision
from tests.playbook.cases import World as PlayedWorld
from tests.playbook.reports import Ledger

HERE = Path(__file__).parent

Made = Callable[[], Letter]
LETTERS: dict[str, Made] = {}
POLICIES: dict[str, Policy] = {"receipt-with-nothing-configured": BARE, "merged-receipt-with-one-too-large": BARE}
"""Of letters that another organisation writes."""

MADE_OF_ENGLISH = frozenset({Kind.ANSWER, Kind.CHALLENGE})
"""Letters to us that are mostly sentences of the playbook (decision 0015)."""

DETERMINED = '[determine violation={} who="Robin Example" ongoing=no safety=no]\nHe followed Kim through three rooms.'
TAKEN = "[take]"
FORGED = {"answerable": False, "unanswerable_because": DISOWNED, "disowned": True}


def letter(make: Made) -> Made:
    """Register a letter under the name of its function."""
    LETTERS[make.__name__.replace("_", "-")] = cache(make)
    return make


def rendered(name: str) -> Rendered:
    """A letter in words."""
    return templates(POLICIES.get(name, POLICY)).letter(LETTERS[name]())


@cache
def _templates(number: int) -> Templates:
    return Templates((POLICY, BARE)[number])


def templates(policy: Policy) -> Templates:
    """The shipped letters of this organisation."""
    return _templates((POLICY, BARE).index(policy))


LOOKED_AT = ("receipt-plain", "new-report-plain", "new-report-full-of-tricks", "challenge-with-text", "digest-")
"""Letters whose HTML has a golden file; that of the others is made of their text in the same way."""


def golden(name: str) -> dict[str, str]:
    """What the golden files of a letter hold, by file name: the words a person sees in each language, and the HTML of some."""
    made, words = LETTERS[name](), rendered(name)
    text = f"To: {made.to.name or 'nobody named'} <{made.to.address}>\nSubject: {words.subject}\n\n{words.text}"
    maltese = {f"{name}.mt.txt": f"Subject: {other.subject}\n\n{other.text}" for other in in_maltese(name)}
    written_apart = {f"{name}.mt.html": other.html for other in in_maltese(name) if name.startswith("digest-")}
    return {f"{name}.txt": text, **maltese, **written_apart, **({f"{name}.html": words.html} if name.startswith(LOOKED_AT) else {})}


def in_maltese(name: str) -> list[Rendered]:
    """The letter in Maltese, where it is written in it."""
    made = LETTERS[name]()
    shelf = templates(POLICIES.get(name, POLICY))
    return [shelf.letter(replace(made, language="mt"))] if "mt" in shelf.languages(made.kind) else []


def new(policy=POLICY, **changes: object) -> Story:
    return Story(policy=policy).comes(**changes)


def acknowledged(policy=POLICY, **changes: object) -> Story:
    return new(policy, **changes).accepted(Kind.RECEIPT)


def taken(policy=POLICY) -> Story:
    return acknowledged(policy).orders(TAKEN)


def determined(violation: str = "yes") -> Story:
    return acknowledged().orders(DETERMINED.format(violation))


def resolved() -> Story:
    return determined().orders("[resolve:private-reprimand]")


def closed() -> Story:
    return resolved().accepted(Kind.OUTCOME).orders("[told:P1] [close]")


# ---- to the reporter -----------------------------------------------------------------------------------------------------------------


@letter
def receipt_plain():
    return new().letter(Kind.RECEIPT)


@letter
def receipt_with_nothing_configured():
    return new(BARE).letter(Kind.RECEIPT)


@letter
def receipt_of_a_held_message():
    return new(sort=Sort.BULK, sort_reason="List-Id").orders("[report]").letter(Kind.RECEIPT)


@letter
def too_large_plain():
    return new(truncated=True).letter(Kind.TOO_LARGE)


@letter
def merged_receipt_of_two():
    return _merged([_filed(1), _filed(2)])


@letter
def merged_receipt_with_one_too_large():
    return _merged([_filed(1, BARE), _filed(2, BARE, truncated=True), _filed(3, BARE)])


@letter
def merged_receipt_of_thirty():
    return _merged([_filed(number) for number in range(1, 31)])


def _filed(number: int, policy: Policy = POLICY, **changes: object) -> Story:
    """One of several reports by the same person, an hour apart."""
    return Story(policy=policy, now=START + number * HOUR, units=number).comes(inbox_id=number, **changes)


def _merged(stories: list[Story]) -> Letter:
    """The letter that takes the place of the acknowledgements of these stories."""
    waiting = [Unsent(outbox_id=one.ticket.id, letter=one.letters[0].kind.value, ticket=one.ticket) for one in stories]
    scene = stories[0].scene()
    (merge, *_) = numbered(merged(waiting, scene), scene)
    return merge.letter


@letter
def reply_plain():
    return taken().orders("[reply]\nThank you. Which evening was it?\n\nAna, for the team").letter(Kind.REPLY)


@letter
def explanation_plain():
    return taken().orders("[explain until=2026-11-28]\nWe are waiting for an answer of the hotel.").letter(Kind.EXPLANATION)


@letter
def holding_plain():
    return taken().time_passes(166.5).letter(Kind.HOLDING)


@letter
def outcome_nothing_no_violation():
    return determined("no").orders("[resolve:nothing]").letter(Kind.OUTCOME)


@letter
def outcome_nothing_cannot_tell():
    return determined("cannot-tell").orders("[resolve:nothing]").letter(Kind.OUTCOME)


@letter
def outcome_private_reprimand():
    return resolved().letter(Kind.OUTCOME)


@letter
def outcome_with_words():
    return (
        determined().orders("[resolve:private-reprimand]\n\n[reply]\nHe was also asked to stay away from you.\n\nAna").letter(Kind.OUTCOME)
    )


@letter
def outcome_reprimand_and_other():
    ordered = '[resolve:private-reprimand]\n[resolve:other label="moderated talk"]\nWe will sit in at the next talk.'
    return determined().orders(ordered).letter(Kind.OUTCOME)


@letter
def outcome_other_no_violation():
    return determined("no").orders('[resolve:other label="clearer rules"]\nWe write the rules anew.').letter(Kind.OUTCOME)


@letter
def outcome_of_every_measure():
    ordered = "[resolve:public-reprimand]\nSomebody broke our rules. We do not accept that.\n[resolve:vacation spaces=all]\n"
    return determined().orders(ordered + "[resolve:ban spaces=all permanent]\n[resolve:apology private]").letter(Kind.OUTCOME)


# ---- to others on the case -----------------------------------------------------------------------------------------------------------

ROBIN = '[person:P1 name="Robin Example" role=respondent address=robin@away.example]'


def addressed(policy=POLICY) -> Story:
    """A case whose respondent can be written to."""
    return taken(policy).orders(ROBIN)


@letter
def to_person_plain():
    return addressed().orders("[write:P1]\nWe would like to hear how you saw that evening.\n\nAna").letter(Kind.TO_PERSON)


@letter
def decision_plain():
    return written_of_a_decision().letter(Kind.DECISION)


@letter
def decision_for_good():
    told = "[resolve:ban spaces=all permanent]\n[write:P1]\nPlease stay away from all of our spaces.\n\nAna"
    return addressed().orders(f"{DETERMINED.format('yes')}\n{told}").letter(Kind.DECISION)


def written_of_a_decision() -> Story:
    told = "[resolve:private-reprimand]\n[write:P1]\nPlease keep your distance when somebody asks for it.\n\nAna"
    return addressed().orders(f"{DETERMINED.format('yes')}\n{told}")


# ---- to staff: at a conference -------------------------------------------------------------------------------------------------------

AT = "[event:pycon-2026]"
WHO = '[person:P1 name="Robin Example" role=respondent]'
WARN = "[warn:P1]\nRobin was told that this breaks our rules."


def warned(times: int, policy: Policy = CONFERENCE) -> Story:
    """A case at the conference, with so many warnings, an hour between them."""
    story = taken(policy).orders(f"{AT}\n{WHO}")
    for _ in range(times):
        story.tick(1).orders(WARN)
    return story


@letter
def guideline_third_warning():
    return warned(3).letter(Kind.GUIDELINE, "ben")


@letter
def guideline_kept_on():
    return warned(0).orders("[stop-instruction:P1 by=target]").tick(1).orders(WARN).letter(Kind.GUIDELINE, "ana")


@letter
def guideline_pattern():
    earlier = (_founded(11), _founded(12))
    return Story(policy=CONFERENCE, elsewhere=earlier).comes().orders(f"{AT}\n{WHO}").letter(Kind.GUIDELINE, "ana")


def _founded(number: int) -> Ticket:
    """An earlier case in which the same person did something."""
    story = Story(policy=CONFERENCE, now=START - number * 24 * HOUR, units=number).comes(inbox_id=number)
    return story.orders(f"{WHO}\n[determine violation=yes who=P1 ongoing=no safety=no]\nRobin shouted.").ticket


@letter
def guideline_serious():
    return taken(CONFERENCE).orders(f"{WHO}\n[offence:serious P1]").letter(Kind.GUIDELINE, "ana")


@letter
def guideline_intentional():
    return taken().orders(f"{WHO}\n[offence:intentional P1]").letter(Kind.GUIDELINE, "ana")


@letter
def guideline_minimal():
    return taken(replace(CONFERENCE, notices=Notices.MINIMAL)).orders(f"{AT}\n{WHO}\n[offence:serious P1]").letter(Kind.GUIDELINE, "ana")


@letter
def answer_warned():
    return answer(warned(1))


@letter
def answer_expelled():
    return answer(warned(3).orders("[expel:P1 ground=third-warning]"))


@letter
def answer_expelled_from_nowhere():
    return answer(taken(CONFERENCE).orders(f"{WHO}\n[expel:P1 ground=third-warning]"))


@letter
def answer_status_of_an_expulsion():
    story = warned(0, replace(CONFERENCE, conferences=(replace(CONFERENCE.conferences[0], spaces=("hall",)),)))
    return answer(story.orders("[expel:P1 ground=serious]").orders("[status]"))


@letter
def answer_history():
    story = warned(2).orders("[withdraw-warning:W1]\nIt was somebody else.").orders("[warn:P1 event=pycon-2026]")
    story.orders("[stop-instruction:P1]").orders("[offence:serious P1]").orders("[expel:P1 ground=serious]")
    story.elsewhere = (_founded(11), _banned())
    return answer(story.orders("[history:P1]"))


def _banned() -> Ticket:
    """An earlier case, at no event, with a warning and a ban."""
    story = Story(policy=CONFERENCE, now=START - 400 * HOUR, units=40).comes(inbox_id=13).orders(f"{WHO}\n{WARN}")
    return story.orders(f"{DETERMINED.format('yes')}\n[resolve:ban spaces=all permanent]").ticket


@letter
def answer_history_of_nothing():
    return answer(taken(CONFERENCE).orders("[person:P1 role=witness]").orders("[history:P1]"))


# ---- to staff: reports and messages --------------------------------------------------------------------------------------------------


@letter
def new_report_plain():
    return new().letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_that_names_one_of_us():
    return new(**written("Ben Vella was there too.\n")).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_that_names_two_of_us():
    return new(**written("Ben Vella and Dora Grech were there too.")).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_that_names_all_staff():
    return new(**written("Ana, Ben and Cleo were there.")).letter(Kind.NEW_REPORT, "fallback")


@letter
def new_report_that_names_all_but_the_board():
    return new(**written("Ana, Ben, Cleo and Fiona were there.")).letter(Kind.NEW_REPORT, "dora")


@letter
def new_report_with_copies_and_attachments():
    attachments = ({"name": "photo.jpg", "type": "image/jpeg", "size": 2_345_678}, {"name": "", "type": "text/html", "size": 90})
    return new(copied_to=("sam@home.example", "lou@work.example"), attachments=attachments).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_with_a_crowd():
    attachments = tuple({"name": f"{number}.png", "type": "image/png", "size": 1000 * number} for number in range(1, 26))
    copies = tuple(f"guest{number}@home.example" for number in range(1, 14))
    return new(copied_to=copies, attachments=attachments).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_too_large_and_encrypted():
    return new(truncated=True, encrypted=True, subject="", **written("")).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_not_to_be_answered():
    return new(**FORGED).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_that_looks_like_bulk_mail():
    return new(answerable=False, unanswerable_because=FEEDBACK).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_that_could_not_be_read():
    return new(**written(""), unread=True).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_under_a_known_message_id():
    return new(id_used_before=True).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_without_an_address():
    return new(strict_sender="", answer_to="", name="", address="").letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_minimal():
    return new(MINIMAL).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_minimal_with_a_copy():
    return new(MINIMAL, copied_to=("sam@home.example",)).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_full_of_tricks():
    text = "[resolve:nothing]\n=== please write above this line ===\r[urgent]\u2028[take]\n\n\n{{ 7 * 7 }} {% raw %}\n-- \nKim"
    name = "Kim\n[urgent]\u202e"
    return new(**written(text, name=name, subject="a\r\nBcc: x@y.example\r\n\r\n[take]")).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_with_wishes():
    text = "[no-contact]\nHe pushed me.\n\nKim"
    return new(**written(text)).letter(Kind.NEW_REPORT, "ana")


@letter
def new_message_with_wishes():
    return new().writes(**written("[anonymous]\n[not-to: Ben, Zoe]\nZoe knows him well.\n\nKim")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_that_lifts_no_contact():
    return new(**written("[no-contact]\nHe pushed me.")).tick(5).writes(**written("[contact]")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_by_one_who_is_not_named():
    return new(**written("[anonymous]\nHe pushed me.")).tick(5).writes(**written("It is me.\n\nKim")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def note_about_one_without_contact():
    return new(**written("[no-contact]\nHe pushed me.")).orders("Kim sat beside me.").letter(Kind.NOTE, "ben")


@letter
def answer_held_for_its_words():
    return answer(acknowledged().orders("[reply]\nDear Kim,\n\nwe will ban him.\nYou must come to the meeting.\n\nAna"))


@letter
def answer_to_one_without_contact():
    return answer(new(**written("[no-contact]\nHe pushed me.")).orders("[reply]\nThank you."))


@letter
def answer_explained_to_nobody():
    return answer(new(**written("[no-contact]\nHe pushed me.")).orders("[explain until=2026-11-27]\nThe hotel has not answered."))


@letter
def answer_status_with_wishes():
    return answer(new(**written("[no-contact]\n[anonymous]\nHe pushed me.")).orders("[status]"))


@letter
def reminder_respond_without_contact():
    return new(**written("[no-contact]\nHe pushed me.")).orders("[take]").time_passes(72).letter(Kind.REMINDER, "ana")


@letter
def new_message_by_the_reporter():
    return taken().tick(5).writes(**written("It was Wednesday.\n\nKim")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_that_names_one_of_us():
    return taken().tick(5).writes(**written("Ben saw it.")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_after_the_end():
    return closed().tick(50).writes(**written("It happened again.")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_by_somebody_else():
    stranger = written("What is this about?", name="Sam", address="sam@home.example", strict_sender="sam@home.example")
    return taken().writes(**stranger, subject="Re: Your message").letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_by_one_kept_out():
    return taken().orders("[recuse:ben]").orders("I think that Kim is wrong.", "ben").letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_under_a_forged_address():
    return taken().writes(**written("Please forget it."), disowned=True).letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_that_leaves_nobody():
    return taken().tick(5).writes(**written("Ana, Ben and Cleo saw it.")).letter(Kind.NEW_MESSAGE, "fallback")


@letter
def new_message_by_a_machine():
    away = written("I am away until Monday.", sort=Sort.AUTOMATIC, sort_reason="Auto-Submitted")
    return acknowledged().writes(**away, subject="Out of office").letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_by_the_respondent():
    theirs = written("I did not know.", name="Robin", address="robin@away.example", strict_sender="robin@away.example")
    return (
        addressed()
        .orders("[write:P1]\nHow did you see it?")
        .writes(**theirs, subject="Re: A message for you")
        .letter(Kind.NEW_MESSAGE, "ana")
    )


@letter
def new_message_by_a_machine_of_the_respondent():
    away = written("I am away.", name="", address="robin@away.example", sort=Sort.AUTOMATIC, sort_reason="Auto-Submitted")
    return addressed().writes(**away, subject="Away").letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_minimal():
    return taken(MINIMAL).writes(**written("It was Wednesday.")).letter(Kind.NEW_MESSAGE, "ana")


@letter
def note_plain():
    return taken().orders("I will call the hotel tomorrow.\n\nAna").letter(Kind.NOTE, "ben")


@letter
def note_without_an_address():
    return new(strict_sender="", answer_to="").orders("I know them and will call.").letter(Kind.NOTE, "ben")


@letter
def note_unproven():
    return taken().orders("I will call the hotel tomorrow.", token=False, proof="").letter(Kind.NOTE, "ben")


@letter
def note_among_the_board():
    return new(**written("Ana, Ben, Cleo and Fiona were there.")).orders("I will call them.", "dora").letter(Kind.NOTE, "emil")


@letter
def note_minimal():
    return taken(MINIMAL).orders("I will call the hotel tomorrow.").letter(Kind.NOTE, "ben")


DECIDED = f"[take]\n{DETERMINED.format('yes')}\n[resolve:private-reprimand]\n\n[reply]\nWe spoke to him."


@letter
def copy_of_a_decision():
    return acknowledged().orders(DECIDED).letter(Kind.COPY, "ben")


@letter
def copy_minimal():
    return acknowledged(MINIMAL).orders(DECIDED).letter(Kind.COPY, "ben")


PROPOSED = f"{DETERMINED.format('yes')}\n[resolve:ban spaces=forum until=2027-05-31]\n[reply]\nThank you for waiting."


@letter
def copy_of_a_proposal():
    return acknowledged(TWO_PEOPLE).orders(PROPOSED).letter(Kind.COPY, "ben")


@letter
def copy_of_a_proposal_minimal():
    return acknowledged(replace(TWO_PEOPLE, notices=Notices.MINIMAL)).orders(PROPOSED).letter(Kind.COPY, "ben")


@letter
def copy_of_an_approval():
    return acknowledged(TWO_PEOPLE).orders(PROPOSED).orders("[approve]", "ben").letter(Kind.COPY, "ana")


@letter
def copy_of_an_objection():
    return acknowledged(TWO_PEOPLE).orders(PROPOSED).orders("[object]\nA year is enough.", "ben").letter(Kind.COPY, "ana")


@letter
def copy_of_a_letter_to_the_respondent():
    return written_of_a_decision().letter(Kind.COPY, "ben")


@letter
def copy_of_an_explanation():
    return acknowledged().orders("[take]\n[explain until=2026-11-28]\nWe wait for the hotel.").letter(Kind.COPY, "ben")


@letter
def copy_of_a_direct_answer():
    return acknowledged().answers_directly("I am sorry to hear this.").letter(Kind.COPY, "ben")


# ---- to staff: one case with several reporters ---------------------------------------------------------------------------------------

LEE = "lee@home.example"

WORLDS: dict[int, "World"] = {}
"""Where the letters of these cases were written."""


class World(PlayedWorld):
    """Played with the people of these letters."""

    lee: Ticket

    def orders(self, text: str) -> Decision:
        """Ana answers a letter about the whole case."""
        ana = self.policy.person("ana")
        assert ana is not None
        return self.staff(text, ana)

    def played(self, text: str, letter: Letter) -> dict[str, object]:
        """What the answer says when the one whom this letter of a world went to sends this as their answer, or as a new mail."""
        world, who = deepcopy(self), self.policy.person(letter.to.handle)
        assert who is not None
        on = world.lee if letter.ticket_id == world.lee.id else None
        made = world.new_mail(text, who) if text.startswith("[case:") else world.staff(text, who, case=on)
        return made.answer

    def _carried_out(self, effects: tuple, incoming: Mail | None = None) -> Decision:
        decision = super()._carried_out(effects, incoming)
        WORLDS.update({id(one): self for one in decision.letters})
        return decision


def two(text: str = "I saw somebody follow Kim.", **changes: object) -> World:
    """Kim's report and Lee's, which are one case."""
    w = World(policy=POLICY, now=START)
    w.report("Somebody followed me.", sender="kim@home.example", name="Kim Reporter")
    w.accepted()
    kim = w.case
    w.wait(2 * HOUR).report(text, sender=LEE, name="Lee Lane", **changes)
    w.accepted()
    w.lee, w.current = w.case, kim.id
    w.orders(f"[merge:{w.lee.code}]")
    return w


@letter
def answer_merged():
    return two().decisions[-1].letter(Kind.ANSWER)


@letter
def copy_of_a_merge():
    return two().decisions[-1].letter(Kind.COPY, "ben")


@letter
def answer_split():
    return two().orders("[split]").letter(Kind.ANSWER)


@letter
def answer_that_asks_for_which_reporter():
    return two().orders("[reply]\nThank you for writing to us.").letter(Kind.ANSWER)


@letter
def answer_reply_to_one_of_two():
    w = two()
    return w.orders(f"[reply to={w.lee.reference}]\nThank you for writing to us.").letter(Kind.ANSWER)


@letter
def answer_resolved_for_two():
    return two().orders(DETERMINED.format("yes") + "\n[resolve:private-reprimand]\n[told:P1]").letter(Kind.ANSWER)


@letter
def answer_close_before_both_were_told():
    w = two()
    w.orders("[determine violation=no who=nobody ongoing=no safety=no]\nNobody knows.\n[resolve:nothing]")
    w.lost(Kind.OUTCOME)
    return w.orders("[close]").letter(Kind.ANSWER)


@letter
def answer_status_of_a_case_of_two():
    return two("I saw somebody.\n[no-contact]\n[anonymous]", disowned=True).orders("[status]").letter(Kind.ANSWER)


@letter
def answer_show_of_a_case_of_two():
    return two().orders("[show]").letter(Kind.ANSWER)


@letter
def new_message_by_one_of_two_reporters():
    w = two()
    return w.wrote("It was Wednesday.", sender=LEE, of=w.lee).letter(Kind.NEW_MESSAGE, "ana")


@letter
def failure_of_a_letter_to_one_of_two():
    w = two()
    return w.lost(Kind.REPLY, of=w.lee).letter(Kind.FAILURE, "ana")


@letter
def reminder_respond_of_one_of_two():
    w = two()
    return w.tick(72 * HOUR, of=w.lee).letter(Kind.REMINDER, "ana")


@letter
def outcome_to_one_of_two():
    w = two()
    made = w.orders(DETERMINED.format("yes") + f"\n[resolve:private-reprimand]\n[told:P1]\n[reply to={w.lee.reference}]\nThank you.")
    return next(one for one in made.letters if one.kind is Kind.OUTCOME and one.to.address == LEE)


# ---- to staff: answers ---------------------------------------------------------------------------------------------------------------


def answer(story: Story) -> Letter:
    return story.letter(Kind.ANSWER)


@letter
def answer_done():
    return answer(acknowledged().orders(TAKEN))


@letter
def answer_reply():
    return answer(taken().orders("[reply]\nThank you. Which evening was it?"))


@letter
def answer_read_in_part():
    return answer(
        taken().orders("[reply]\nThank you.\n", below="On 3 May at 10:00 Robin Example wrote:\nI am sorry.\n\nWe kept that mail.")
    )


@letter
def answer_decided_in_one_mail():
    return answer(acknowledged().orders(f"[take]\n{DETERMINED.format('yes')}\n[resolve:private-reprimand]\n\n[reply]\nWe spoke to him."))


@letter
def answer_partly_determined():
    return answer(acknowledged().orders("[determine violation=yes ongoing=no]"))


@letter
def answer_determined():
    return answer(determined())


@letter
def answer_respondent_known():
    return answer(acknowledged().orders('[determine who="Robin Example"]'))


@letter
def answer_resolved_and_told():
    return answer(resolved().accepted(Kind.OUTCOME).orders("[told:P1]"))


@letter
def answer_closed():
    return answer(closed())


@letter
def answer_resolved_and_told_at_once():
    return answer(determined().orders("[resolve:private-reprimand]\n[told:P1]"))


@letter
def answer_nothing_waits():
    return answer(taken().orders("[confirm]"))


@letter
def answer_nothing_waits_beside_an_alarm():
    return answer(taken().orders("[urgent]\n[confirm]"))


@letter
def answer_refused():
    return answer(taken().orders("[resolve:private-reprimand]\n\n[reply]\nWe spoke to him."))


@letter
def answer_determined_as_none():
    return answer(determined("no"))


@letter
def answer_determined_of_nobody_known():
    return answer(acknowledged().orders(DETERMINED.format("yes").replace('"Robin Example"', "unknown")))


@letter
def answer_determined_of_two():
    return answer(acknowledged().orders(DETERMINED.format("yes").replace('"Robin Example"', '"Robin","Sam"')))


@letter
def answer_refused_for_what_is_missing():
    return answer(acknowledged().orders('[determine who="Robin Example" safety=no]').orders("[resolve:private-reprimand]"))


@letter
def answer_misspelt():
    return answer(taken().orders("[aswered]"))


@letter
def answer_partly_refused():
    return answer(taken().orders("[urgent]\n[resolve:nothing]"))


@letter
def answer_set_aside():
    return answer(new().orders("[not-a-report:enquiry]"))


@letter
def answer_on_a_held_message():
    return answer(new(sort=Sort.BULK, sort_reason="List-Id").orders("[take]"))


@letter
def answer_confirmed():
    return answer(taken().confirms("[not-a-report:test]"))


@letter
def answer_note():
    return answer(taken().orders("I will call the hotel tomorrow."))


@letter
def answer_note_of_the_only_one():
    return answer(new(**written("Ana, Ben and Cleo were there.")).orders("I will call the hotel tomorrow.", "fallback"))


@letter
def answer_note_unproven():
    return answer(taken().orders("I will call the hotel tomorrow.", token=False, proof=""))


@letter
def answer_to_the_board():
    return answer(taken().orders("[take]", "dora"))


@letter
def answer_recused():
    return answer(taken().orders("[recuse]"))


@letter
def answer_to_one_kept_out():
    return answer(taken().orders("[recuse:ben]").orders("[status]", "ben"))


@letter
def answer_help():
    return answer(taken().orders("[help]"))


@letter
def answer_status():
    return answer(resolved().orders("[status]"))


@letter
def answer_proposed():
    return answer(acknowledged(TWO_PEOPLE).orders(PROPOSED))


@letter
def answer_own_proposal():
    return answer(acknowledged(TWO_PEOPLE).orders(PROPOSED).orders("[approve]"))


@letter
def answer_approved():
    return answer(acknowledged(TWO_PEOPLE).orders(PROPOSED).orders("[approve:A1]", "ben"))


@letter
def answer_status_with_a_proposal():
    return answer(acknowledged(TWO_PEOPLE).orders(PROPOSED).orders("[status]", "ben"))


@letter
def answer_status_with_sanctions():
    ordered = f"{DETERMINED.format('yes')}\n[resolve:vacation spaces=forum]\n[resolve:ban spaces=all permanent]"
    return answer(acknowledged(replace(TWO_PEOPLE, approvals=1)).orders(ordered).orders("[status]"))


@letter
def answer_respondent_written_to():
    return answer(written_of_a_decision())


@letter
def answer_letter_held():
    return answer(addressed().orders("[write:P1]\nKim told us of it."))


@letter
def answer_letter_without_an_address():
    return answer(determined().orders("[write:P1]\nHow did you see it?"))


@letter
def answer_ban_without_an_end():
    return answer(determined().orders("[resolve:ban spaces=all]"))


@letter
def answer_status_of_a_forged_address():
    return answer(new(**FORGED).orders("[status]"))


@letter
def answer_released_under_a_forged_address():
    return answer(new(**FORGED, sort=Sort.SPAM, sort_reason="X-Spam-Flag").orders("[report]"))


@letter
def answer_status_new():
    return answer(new().orders("[status]"))


@letter
def answer_status_of_a_long_case():
    story = determined().orders("[urgent]").orders("[determine what violation=no]\nHe walked through three rooms, and so did Kim.")
    return answer(story.orders('[resolve:other label="clearer rules"]\nWe write the rules anew.').accepted(Kind.OUTCOME).orders("[status]"))


@letter
def answer_show():
    return answer(resolved().orders("[show]"))


@letter
def answer_list_open():
    story = taken()
    other = Story(units=7).comes(inbox_id=0xBEEF).ticket
    return answer(story.orders("[list:open]", listed=(story.ticket, other)))


@letter
def answer_list_urgent():
    story = acknowledged().orders("[urgent]")
    return answer(story.orders("[list:open]", listed=(story.ticket,)))


@letter
def answer_list_nothing():
    return answer(taken().orders("[list:overdue]"))


@letter
def challenge_plain():
    commands = f"[take]\n{DETERMINED.format('yes')}\n[resolve:private-reprimand]"
    return acknowledged().orders(commands, proof="").letter(Kind.CHALLENGE)


WITH_TEXT = "Kim called me again.\n[reply]\nThank you. Which evening was it?\n[take]"


@letter
def challenge_with_text():
    return acknowledged().orders(WITH_TEXT, proof="").letter(Kind.CHALLENGE)


@letter
def challenge_minimal():
    return acknowledged(MINIMAL).orders(WITH_TEXT, proof="").letter(Kind.CHALLENGE)


@letter
def challenge_to_one_who_steps_back():
    return acknowledged().orders("[assign:ben]\n[recuse]", proof="").letter(Kind.CHALLENGE)


@letter
def challenge_about_no_case():
    story = taken()
    person, ticket = story.policy.person("ana"), story.ticket
    came = story.from_staff(person, f"[case:{ticket.code}] [answered]")
    scene = story.scene(person=person)
    return story.happened(arrived(came, scene), scene).letter(Kind.CHALLENGE)


@letter
def answer_explained():
    return taken().orders("[explain until=2026-11-28]\nWe are waiting for an answer of the hotel.").letter(Kind.ANSWER)


@letter
def answer_not_asked_any_more():
    return _not_asked(new())


def _not_asked(story: Story) -> Letter:
    """The answer to commands that nothing proves while three other mails wait for a confirmation."""
    person = story.policy.person("ana")
    thread = Thread(ticket=story.ticket, found=Found.TOKEN, token="t" * 26, holder="ana")
    scene = story.scene(person=person, thread=thread, open_challenges=3)
    came = story.from_staff(person, "I spoke to both.\n[answered]", proof="")
    return story.happened(arrived(came, scene), scene).letter(Kind.ANSWER)


# ---- to staff: what is due, what went wrong --------------------------------------------------------------------------------------------


@letter
def reminder_acknowledge():
    return new(answerable=False, unanswerable_because="From is this mailbox itself").time_passes(12).letter(Kind.REMINDER, "ana")


@letter
def reminder_acknowledge_a_forged_address():
    return new(**FORGED).time_passes(12).letter(Kind.REMINDER, "ana")


@letter
def reminder_acknowledge_without_an_address():
    return new(strict_sender="", answer_to="").time_passes(18).letter(Kind.REMINDER, "ana")


@letter
def reminder_acknowledge_held():
    return new(sort=Sort.SPAM, sort_reason="X-Spam-Flag").time_passes(18).letter(Kind.REMINDER, "ana")


@letter
def reminder_acknowledge_missed():
    return new(answerable=False, unanswerable_because="From is this mailbox itself").time_passes(24).letter(Kind.REMINDER, "ana")


@letter
def reminder_untaken():
    return acknowledged().time_passes(4).letter(Kind.REMINDER, "ana")


@letter
def reminder_respond():
    return taken().time_passes(72).letter(Kind.REMINDER, "ana")


@letter
def reminder_respond_led_by_nobody():
    return acknowledged().time_passes(72).letter(Kind.REMINDER, "ben")


@letter
def reminder_respond_without_an_address():
    return new(strict_sender="", answer_to="").orders(TAKEN).time_passes(165).time_passes(1).letter(Kind.REMINDER, "ana")


@letter
def reminder_acknowledge_urgent():
    story = new(answerable=False, unanswerable_because="From is this mailbox itself").orders("[urgent]").orders(TAKEN)
    return story.time_passes(12).letter(Kind.REMINDER, "ana")


@letter
def reminder_respond_determined():
    return determined().time_passes(144).letter(Kind.REMINDER, "ben")


@letter
def reminder_respond_holding():
    return taken().time_passes(166).letter(Kind.REMINDER, "ana")


@letter
def reminder_respond_missed():
    return taken().time_passes(168).letter(Kind.REMINDER, "ana")


@letter
def reminder_respond_missed_for_days():
    return taken().time_passes(168).time_passes(49).letter(Kind.REMINDER, "ana")


@letter
def alarm_proven():
    return acknowledged().orders("[urgent]").letter(Kind.ALARM, "ben")


@letter
def alarm_unproven():
    return acknowledged().orders("[urgent]", token=False, proof="").letter(Kind.ALARM, "ben")


@letter
def alarm_with_words():
    return acknowledged().orders("[urgent]\nKim called: he stands in front of her door.").letter(Kind.ALARM, "ben")


@letter
def alarm_minimal():
    return acknowledged(MINIMAL).orders("[urgent]\nKim called: he stands in front of her door.").letter(Kind.ALARM, "ben")


@letter
def alarm_again():
    return acknowledged().orders("[urgent]").time_passes(1).letter(Kind.ALARM, "ben")


@letter
def failure_of_the_receipt():
    return acknowledged().fate(Kind.RECEIPT, accepted=False).letter(Kind.FAILURE, "ana")


@letter
def failure_of_a_reply():
    return taken().fate(Kind.REPLY, accepted=False).letter(Kind.FAILURE, "ana")


@letter
def failure_of_a_letter_to_the_respondent():
    lost = addressed().orders("[write:P1]\nHow did you see it?").fate(Kind.TO_PERSON, accepted=False, role="person", handle="P1")
    return lost.letter(Kind.FAILURE, "ana")


@letter
def failure_of_the_decision_to_the_respondent():
    lost = written_of_a_decision().fate(Kind.DECISION, accepted=False, role="person", handle="P1")
    return lost.letter(Kind.FAILURE, "ana")


@letter
def failure_to_staff():
    return taken().fate(Kind.NEW_REPORT, accepted=False, role="staff").letter(Kind.FAILURE, "ana")


@letter
def failure_to_the_fallback():
    return taken().fate(Kind.TOO_FEW, accepted=False, role="fallback").letter(Kind.FAILURE, "ana")


def tickets(count: int, **changes: object) -> list[Ticket]:
    return [Story(units=number, now=START + number * HOUR / 60).comes(inbox_id=number, **changes).ticket for number in range(1, count + 1)]


def summary(make, kind: Kind, count: int, **changes: object) -> Letter:
    story = Story(units=100, summed=tuple(tickets(count, **changes)))
    scene = story.scene()
    return story.happened(make(story.summed, scene), scene).letter(kind, "ana")


@letter
def held_summary_two():
    return summary(held_summary, Kind.HELD_SUMMARY, 2, sort=Sort.BULK, sort_reason="List-Id")


@letter
def held_summary_of_a_machine():
    return summary(held_summary, Kind.HELD_SUMMARY, 1, sort=Sort.AUTOMATIC, sort_reason="Auto-Submitted")


@letter
def held_summary_sixty():
    return summary(held_summary, Kind.HELD_SUMMARY, 60, sort=Sort.SPAM, sort_reason="X-Spam-Flag")


def told_late(story: Story) -> Letter:
    return story.happened(report_summary([story.ticket], story.scene()), story.scene()).letter(Kind.NEW_REPORT, "ana")


@letter
def new_report_that_was_held():
    return told_late(new(sort=Sort.BULK, sort_reason="List-Id").orders("[report]"))


@letter
def new_report_that_was_held_and_may_be_forged():
    return told_late(new(sort=Sort.SPAM, sort_reason="X-Spam-Flag", **FORGED).orders("[report]"))


@letter
def new_report_that_somebody_leads_by_now():
    return told_late(acknowledged().orders("[take]"))


@letter
def new_report_of_which_nobody_was_known():
    return told_late(acknowledged().orders(DETERMINED.format("yes").replace('"Robin Example"', "unknown")))


@letter
def new_report_that_was_decided_and_told_by_now():
    return told_late(resolved().accepted(Kind.OUTCOME).orders("[told:P1]"))


@letter
def report_summary_two():
    return summary(report_summary, Kind.REPORT_SUMMARY, 2)


@letter
def report_summary_sixty():
    return summary(report_summary, Kind.REPORT_SUMMARY, 60)


def to_staff(kind: Kind, facts) -> Letter:
    return Letter(kind=kind, to=disclosure.all_staff(POLICY)[0], facts=facts, token=Fresh(b"s" * 32).token("letter-0"))


@letter
def quarantined_one():
    return to_staff(Kind.QUARANTINED, {"count": 1})


@letter
def quarantined_three():
    return to_staff(Kind.QUARANTINED, {"count": 3})


@letter
def delivery_alarm_every():
    kinds = [
        "nobody-may-release",
        "nobody-may-see",
        "quarantine",
        "subject-replaced",
        "unfiled-mail",
        "unsent-letter",
        "untold-ticket",
        "what-is-this",
    ]
    return to_staff(Kind.DELIVERY_ALARM, {"alarms": kinds})


def card(**facts: object) -> Letter:
    return of_no_case(intake_card(disclosure.all_staff(POLICY)[0], token=Fresh(b"s" * 32).token("letter-0"), **facts))


def of_no_case(made: Letter) -> Letter:
    """A letter that a story of its own begins with, for whoever answers it."""
    TOLD.append((made, Story(policy=CONFERENCE)))
    return made


@letter
def intake_card_of_an_event():
    people = ({"name": "Ana Borg", "contact": "at the front desk"}, {"name": "Cleo Żammit", "contact": ""})
    return card(event="PyCon Malta", slug="pycon-2026", representatives=people, security="555-0100, at the main door")


@letter
def intake_card_plain():
    return card()


# ---- to the board ----------------------------------------------------------------------------------------------------------------------


@letter
def missed_acknowledgement_close():
    return new(answerable=False, unanswerable_because="From is this mailbox itself").time_passes(22).letter(Kind.MISSED, "dora")


@letter
def missed_acknowledgement():
    return new(answerable=False, unanswerable_because="From is this mailbox itself").time_passes(24).letter(Kind.MISSED, "dora")


@letter
def missed_answer_close():
    return taken().time_passes(156).letter(Kind.MISSED, "dora")


@letter
def missed_answer():
    return acknowledged().time_passes(168).letter(Kind.MISSED, "dora")


def _all_step_back(story: Story) -> Story:
    return story.orders("[recuse:ben]").orders("[recuse:cleo]").orders("[recuse]")


@letter
def too_few_to_the_fallback():
    return _all_step_back(acknowledged()).letter(Kind.TOO_FEW, "fallback")


@letter
def too_few_when_closed():
    return _all_step_back(closed()).letter(Kind.TOO_FEW, "fallback")


@letter
def too_few_to_the_board():
    return _all_step_back(acknowledged()).letter(Kind.TOO_FEW, "dora")


def _digest(cases: list[Standing], house) -> Letter:
    slot = tally.weekly_slot(START, POLICY)
    facts = {**tally.digest(cases, slot=slot, now=START, policy=POLICY), **house}
    return Letter(kind=Kind.DIGEST, to=disclosure.whole_board(POLICY)[0], facts=facts, token=Fresh(b"d" * 32).token("letter-0"))


def _house(**changes: object):
    journal = {"number": 4711, "hash": "a3f1" * 16}
    return {"quarantined": 0, "unsent": 0, "failed": 0, "alarms": [], "reports": [], "journal": journal} | changes


def standing(code: str, state: str, age: float, **days: float) -> Standing:
    """A case of so many days; the rest are days after its receipt."""
    received = START - timedelta(days=age)
    after = {name: received + timedelta(days=days[name]) if name in days else None for name in ("acknowledged_at", "answered_at")}
    due = {"acknowledge_due_at": received + timedelta(days=1), "respond_due_at": received + timedelta(days=7)}
    return Standing(code=code, state=state, received_at=received, **due, **after)


@letter
def digest_empty():
    return _digest([], _house())


@letter
def digest_busy():
    cases = [
        standing("quiet-harbour", "review", 9, acknowledged_at=0.01),
        standing("green-mill", "new", 1.5),
        standing("amber-owl", "acknowledged", 3, acknowledged_at=0.5),
        standing("calm-bay", "resolved", 6, acknowledged_at=0.1, answered_at=4),
        standing("silver-fern", "closed", 20, acknowledged_at=2, answered_at=6),
        replace(standing("blue-kite", "resolved", 9, acknowledged_at=0.1, answered_at=3), unspoken=True),
        standing("tall-pine", "held", 2),
        standing("white-sail", "not-a-report", 4),
    ]
    owed = [
        {"report": "pycon-2026", "event": "PyCon Malta 2026", "due": START.isoformat(), "missed": True},
        {"report": "autumn", "event": "Autumn sprint", "due": (START + timedelta(days=9)).isoformat(), "missed": False},
    ]
    return _digest(cases, _house(quarantined=1, unsent=2, failed=1, alarms=["quarantine", "unsent-letter"], reports=owed))


@letter
def digest_flooded():
    return _digest([standing(f"{code}-mill", "new", 9 + number / 60) for number, code in enumerate(FIRST[:60])], _house())


# ---- what comes after a sanction -----------------------------------------------------------------------------------------------------


def sanctioned(resolution: str = "vacation spaces=all days=30", policy: Policy = SPACED) -> Story:
    """A case whose sanction everybody was told of."""
    told = f"[resolve:{resolution}]\n[write:P1]\nPlease stay away for now.\n\nAna"
    story = addressed(policy).orders(f"{DETERMINED.format('yes')}\n{told}").accepted(Kind.OUTCOME)
    return story.fate(Kind.DECISION, accepted=True, role="person", handle="P1")


def appealed() -> Story:
    return sanctioned("ban spaces=forum permanent").contact_writes("[done]").orders("[appeal:S1]\nRobin wrote to us.")


def judged(outcome: str, until: str = "") -> Story:
    return appealed().orders(f"[appeal:{outcome} S1{until}]\nWe have looked at it again.\n\nBen", "ben")


@letter
def contact_to_put_in_force():
    return addressed(SPACED).orders(f"{DETERMINED.format('yes')}\n[resolve:vacation spaces=forum]").letter(Kind.CONTACT)


@letter
def contact_to_put_in_force_for_good():
    return addressed(SPACED).orders(f"{DETERMINED.format('yes')}\n[resolve:ban spaces=all permanent]").letter(Kind.CONTACT)


@letter
def contact_with_new_dates():
    return sanctioned("ban spaces=forum until=2026-12-31").orders("[extend:S1 until=2027-05-31]").letter(Kind.CONTACT)


@letter
def contact_to_restore_access():
    return sanctioned().orders("[lift:S1]\nWe were wrong about that evening.").letter(Kind.CONTACT)


@letter
def sanction_ended_everywhere():
    return sanctioned().orders("[lift:S1]\nWe were wrong about that evening.").letter(Kind.SANCTION_ENDED)


@letter
def sanction_ended_somewhere():
    return sanctioned("vacation spaces=forum").time_passes(24 * 8).letter(Kind.SANCTION_ENDED)


@letter
def sanction_notice_a_week_before():
    return sanctioned().orders("[done:T1] [done:T2]").time_passes(24 * 24).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_a_day_before():
    return sanctioned().orders("[done:T1] [done:T2]").time_passes(24 * 30).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_at_the_end():
    return sanctioned().orders("[done:T1] [done:T2]").time_passes(24 * 31).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_at_the_end_of_one_of_two():
    both = sanctioned().orders("[done:T1] [done:T2]").orders("[resolve:ban spaces=all permanent]").orders("[done:T3] [done:T4]")
    return both.time_passes(24 * 31).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_of_what_nobody_confirmed():
    return sanctioned().time_passes(24).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_of_access_that_nobody_confirmed():
    return sanctioned().orders("[done:T1] [done:T2]").time_passes(24 * 31).time_passes(24).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_of_new_dates_that_nobody_confirmed():
    longer = sanctioned("ban spaces=all until=2027-01-31").orders("[extend:S1 until=2027-05-31]")
    return longer.time_passes(24).letter(Kind.SANCTION_NOTICE)


@letter
def sanction_notice_of_an_appeal():
    return appealed().time_passes(72).letter(Kind.SANCTION_NOTICE, "ben")


@letter
def sanction_notice_of_an_appeal_that_is_late():
    return appealed().time_passes(170).letter(Kind.SANCTION_NOTICE, "ben")


@letter
def sanction_notice_of_an_appeal_for_whoever_is_left():
    alone = sanctioned("ban spaces=chat permanent").orders("[done:T1]\n[recuse:ben] [recuse:cleo] [recuse:fallback]\n[appeal:S1]")
    return alone.time_passes(72).letter(Kind.SANCTION_NOTICE, "ana")


@letter
def missed_appeal():
    return appealed().time_passes(170).letter(Kind.MISSED, "dora")


@letter
def appeal_answer_plain():
    return judged("upheld").letter(Kind.APPEAL_ANSWER)


@letter
def appeal_result_changed():
    return judged("changed", " until=2027-05-31").letter(Kind.APPEAL_RESULT)


@letter
def appeal_result_reversed():
    return judged("reversed").letter(Kind.APPEAL_RESULT)


@letter
def new_message_that_confirms():
    return sanctioned().contact_writes("[done]\n\nThe moderators").letter(Kind.NEW_MESSAGE, "ana")


@letter
def new_message_by_a_contact():
    return sanctioned().contact_writes("Which account is it?").letter(Kind.NEW_MESSAGE, "ana")


@letter
def failure_of_a_letter_to_a_contact():
    return sanctioned().fate(Kind.CONTACT, accepted=False, role="person", handle="T1").letter(Kind.FAILURE, "ana")


@letter
def answer_status_after_a_sanction():
    return sanctioned().orders("[lift:S1]\nWe were wrong about that evening.").orders("[status]").letter(Kind.ANSWER)


@letter
def answer_appeal_answered():
    return judged("reversed").letter(Kind.ANSWER)


@letter
def answer_sanction_handed_on():
    return addressed(SPACED).orders(f"{DETERMINED.format('yes')}\n[resolve:vacation spaces=all]").letter(Kind.ANSWER)


# ---- at a conference -------------------------------------------------------------------------------------------------------------------


RECORD = """[record event=pycon-2026]
contact: Kim Reporter, kim@home.example
may we write to them: yes
account: Somebody I do not know followed me from room to room. I asked him to stop, and he laughed.
-- my notes --
Kim came to the front desk with a friend."""

UNSIGNED = "[record event=pycon-2026]\nA woman said that somebody shouted at her.\nShe left."


def recorded(text: str = RECORD, policy: Policy = CONFERENCE) -> Story:
    """A report that Ana took in person."""
    return Story(policy=policy).asks(text, by="ana", cases=())


@letter
def record_receipt_at_an_event():
    return recorded().letter(Kind.RECORD_RECEIPT)


@letter
def record_receipt_with_nothing_configured():
    return recorded(RECORD.replace(" event=pycon-2026", ""), BARE).letter(Kind.RECORD_RECEIPT)


@letter
def new_record_plain():
    return recorded().letter(Kind.NEW_RECORD, "ben")


@letter
def new_record_without_an_address():
    return recorded(UNSIGNED).letter(Kind.NEW_RECORD, "ben")


@letter
def new_record_that_names_one_of_us():
    return recorded("[record]\nShe said that Ben was there.\n-- my notes --\nI do not know which Ben.").letter(Kind.NEW_RECORD, "cleo")


@letter
def new_record_minimal():
    return recorded(policy=replace(CONFERENCE, notices=Notices.MINIMAL)).letter(Kind.NEW_RECORD, "ben")


@letter
def answer_recorded():
    return answer(recorded())


@letter
def answer_recorded_without_an_address():
    return answer(recorded(UNSIGNED.replace("2026", "2062")))


@letter
def answer_recorded_of_one_of_us():
    return answer(recorded("[record]\nShe said that Ben was there."))


@letter
def answer_record_of_nothing():
    return answer(recorded("[record event=pycon-2026]"))


@letter
def challenge_for_a_record():
    story = Story(policy=CONFERENCE)
    ana = CONFERENCE.person("ana")
    scene = story.scene(person=ana)
    came = replace(story.from_staff(ana, RECORD, proof=""), references=(), subject="A report")
    return story.happened(arrived(came, scene), scene).letter(Kind.CHALLENGE)


@letter
def new_record_not_confirmed():
    story = Story(policy=CONFERENCE)
    ana = CONFERENCE.person("ana")
    scene = story.scene(person=ana)
    came = replace(story.from_staff(ana, RECORD, proof=""), references=(), subject="A report")
    return story.happened(arrived(came, scene), scene).letter(Kind.NEW_RECORD, "ben")


@letter
def answer_kept_although_refused():
    return answer(recorded(f"{RECORD}\n[told:P1]"))


@letter
def to_do_speak_to_the_presenter():
    return recorded().orders('[presentation:minor talk="A tale of two loops"]\nA joke about age.').letter(Kind.TO_DO, "ben")


@letter
def to_do_speak_again():
    return recorded().orders("[presentation:minor]").time_passes(48).letter(Kind.TO_DO, "ben")


@letter
def to_do_after_a_presentation_was_stopped():
    ordered = '[presentation:stopped talk="A tale of two loops" grounds=serious]\nHe named people in the audience.'
    return recorded().orders(ordered).letter(Kind.TO_DO, "ben")


@letter
def to_do_stopped_minimal():
    story = recorded(policy=replace(CONFERENCE, notices=Notices.MINIMAL))
    return story.orders('[presentation:stopped talk="A tale of two loops"]\nHe named people.').letter(Kind.TO_DO, "ben")


@letter
def to_do_arrange():
    return recorded().orders("[support:escort=wanted]\nTo the hotel, at ten.").letter(Kind.TO_DO, "ben")


@letter
def to_do_arrange_again():
    return recorded().orders("[support:escort=wanted] [support:friend=wanted]").time_passes(0.25).letter(Kind.TO_DO, "ana")


@letter
def to_do_arrange_at_no_event():
    return taken().orders("[support:medical=wanted]").letter(Kind.TO_DO, "ben")


@letter
def answer_stopped_over_a_slip():
    return answer(recorded().orders("[presentation:stopped grounds=minor]"))


@letter
def answer_minor_problem():
    return answer(recorded().orders("[presentation:minor]"))


@letter
def answer_supported_and_contacted():
    return answer(recorded().orders("[support:escort=wanted]\n[support:police=declined]\n[contacted:police]\n[contacted:venue-security]"))


@letter
def answer_status_at_an_event():
    done = '[presentation:stopped talk="A tale of two loops" grounds=serious]\n[support:escort=done] [contacted:medical basis=consent]'
    return answer(recorded().orders(done).orders("[status]"))


@letter
def alarm_at_an_event():
    return recorded().orders("[urgent]").letter(Kind.ALARM, "ben")


def occasion(family: Family, days: int, **changes: object) -> Letter:
    """A letter that the calendar of the event asks for."""
    (event,) = CONFERENCE.conferences
    scene = Story(policy=CONFERENCE).scene()
    effects = numbered(letters(Occasion(family=family, event=replace(event, **changes), days=days), scene), scene)
    return of_no_case(effects[0].letter)


@letter
def event_reminder_on_the_last_day():
    return occasion(Family.SEND_IN, 0)


@letter
def event_reminder_later():
    return occasion(Family.SEND_IN, 3)


@letter
def event_warning_of_nobody():
    return occasion(Family.REPRESENTATIVES, 14, representatives=(), security="")


@letter
def event_warning_of_one():
    return occasion(Family.REPRESENTATIVES, 1, representatives=("Ana Borg, at the front desk",))


# ---- the transparency report ---------------------------------------------------------------------------------------------------------

LEARNED = "The way to reach us stands on the back of every badge now."
RELEASE = "[release:pycon-2026]"


def ledger(**changes: object) -> Ledger:
    """A report that nobody agreed to yet."""
    return Ledger(world=PlayedWorld(policy=POLICY, now=START), **changes)  # type: ignore[arg-type]


def reminded(days: int, of: Ledger) -> Letter:
    """What the board is sent so many days after the event."""
    found = of.reminded(days).letter(Kind.TRANSPARENCY_DRAFT, "dora")
    WORLDS[id(found)] = of  # type: ignore[assignment]
    return found


def agreed(text: str = f"{RELEASE}\n{LEARNED}", who: str = "ana", of: Ledger | None = None) -> tuple[Ledger, Decision]:
    """Somebody agreed to it, or released it."""
    of, person = of or ledger(), POLICY.person(who)
    assert person is not None
    return of, of.says(text, person)


def about_reports(of: Ledger, made: Decision, kind: Kind, to: str | None = None) -> Letter:
    """A letter of this decision, whose reader answers it."""
    found = made.letter(kind, to)
    WORLDS[id(found)] = deepcopy(of)  # type: ignore[assignment]
    return found


@letter
def transparency_draft_after_a_week():
    return reminded(7, ledger(hinders=("It cannot be released before 2026-12-12, which is 14 days after the end.",)))


@letter
def transparency_draft_after_two_weeks():
    return reminded(14, ledger())


@letter
def transparency_draft_too_late():
    return reminded(37, ledger(count=7))


@letter
def transparency_draft_that_somebody_agreed_to():
    return reminded(21, agreed()[0])


@letter
def transparency_draft_that_its_reader_agreed_to():
    return reminded(21, agreed(who="dora")[0])


@letter
def transparency_draft_that_has_changed():
    of, _ = agreed()
    of.count = 5
    return reminded(28, of)


@letter
def transparency_draft_with_a_name():
    return reminded(21, ledger(hits=("“robin” is a name", "“followed me from room to” stands in a report")))


@letter
def transparency_draft_for_one_person():
    return reminded(21, ledger(out=frozenset({"ana", "ben", "cleo", "emil", "fallback"})))


@letter
def transparency_draft_to_the_others():
    return about_reports(*agreed(), Kind.TRANSPARENCY_DRAFT, "emil")


@letter
def transparency_released_by_two():
    return about_reports(*agreed(RELEASE, "emil", agreed()[0]), Kind.TRANSPARENCY_RELEASED, "dora")


@letter
def answer_agreed_to_a_report():
    return about_reports(*agreed(), Kind.ANSWER)


@letter
def answer_released_a_report():
    return about_reports(*agreed(RELEASE, "emil", agreed()[0]), Kind.ANSWER)


@letter
def answer_of_an_unknown_report():
    return about_reports(*agreed("[release:pycon-2062]", "emil"), Kind.ANSWER)


if __name__ == "__main__":
    for old in (*HERE.glob("*.txt"), *HERE.glob("*.html")):
        old.unlink()
    for one in LETTERS:
        for file, text in golden(one).items():
            (HERE / file).write_bytes(text.encode())
