"""Random lives of cases: whatever order mails, commands, time and mail servers come in, the promises hold."""

import re
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from maild.playbook import disclosure
from maild.playbook.deadlines import Duty
from maild.playbook.effects import File
from maild.playbook.entry import What
from maild.playbook.events import Found, Sort, Thread
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.policy import Clocks, Space
from maild.playbook.progress import missing, next_at
from maild.playbook.tally import Standing, digest, weekly_slot
from maild.playbook.tasks import Act
from maild.playbook.ticket import State
from maild.playbook.watching import next_mark
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DORA, FELIX, KIM, NO_VIOLATION, PROOF, World, mail, policy

ROBIN = "robin@away.example"
MODS = "mods@forum.example"
WRITE = "[write:P1]\nPlease leave others their turn."

WORK = [
    *(
        "[take]",
        ALL_FIVE,
        NO_VIOLATION,
        "[resolve:private-reprimand]",
        "[resolve:nothing]",
        "[told:P1]",
        "[close]",
        "[reopen]",
        "[answered]",
    ),
    *(ALL_FIVE + "[resolve:private-reprimand]\n[told:P1]", NO_VIOLATION + "[resolve:nothing]", "[told:P1]\n[close]", "[report]", "[drop]"),
    *("[reply]\nThank you for writing.", "[explain until=2026-11-26]\nWe wait.", "[explain until=2026-11-30]\nWe wait."),
    *("[resolve:ban spaces=all permanent]", f"{ALL_FIVE}[resolve:vacation spaces=all]\n{WRITE}", f"[resolve:apology private]\n{WRITE}"),
    *(f"[person:P1 address={ROBIN}]", f"[person:P1 address={ROBIN}]\n{WRITE}", "[approve]", "[object]\nToo hard."),
    *("[resolve:ban spaces=forum until=2026-12-24]", "[resolve:vacation spaces=all days=3]", "[done:T1] [done:T2]", "[lift:S1]\nToo hard."),
    *(
        "[extend:S1 until=2027-01-31]",
        "[extend:S1 permanent]",
        "[appeal:S1]",
        "[appeal:upheld S1]\nIt stays.",
        "[appeal:reversed]\nCome back.",
    ),
    *("[appeal:changed S1 until=2027-06-01]\nNot for good.", "[lift:S2]\nIt was the other one."),
    *('[resolve:other label="a talk"]\nWe spoke.', "[resolve:private-reprimand silent]", "[not-a-report:enquiry]", "[urgent]"),
]
"""What a team does that works on a case."""

TAGS = [
    *WORK,
    *(
        "[assign:ben]",
        "[assign:dora]",
        "[urgnt]",
        "[help]",
        "[status]",
        "[show]",
        "[list:open]",
        "[list:overdue]",
        "[case:no-such]",
        "[rpely]",
    ),
    *("[recuse]", "[recuse:ben]", "[recuse:dora]", "[unrecuse:ana]", "[unrecuse:ben]", "[unrecuse:carla]", "[unrecuse:dora]"),
    *("[reply anyway]\nYou must wait.", "[reply]\nYou must wait.", "[note]\nOnly among us.", "Just a note."),
    *("[determine safety=yes]", '[determine who="Carla"]', '[person:P1 name="Robin Example"]', "[explain until=2026-12-05]\nWe wait."),
]
"""What anybody of us may write."""

WHO = st.sampled_from([ANA, ANA, BEN, BEN, CARLA, DORA, FELIX])
MAILS = st.lists(st.sampled_from(TAGS), min_size=1, max_size=4).map("\n".join)
SPANS = st.sampled_from([0, 1 / 60, 1, 3, 4, 11, 24, 71, 168, 400]).map(lambda hours: timedelta(hours=hours))
PLAIN = ["There is more.", "Thank you.", "", "Hi Ana,\nthank you.", "I saw it."]
TEXTS = st.sampled_from([*PLAIN, *PLAIN, "It was Ben.", "Thank you Ana, that helps.", "Ana, Ben and Carla did it."])
ADDRESSES = st.sampled_from([KIM, KIM, KIM, KIM, ANA.address, ""])
LETTERS = st.sampled_from(
    [Kind.RECEIPT, Kind.OUTCOME, Kind.OUTCOME, Kind.EXPLANATION, Kind.REPLY, Kind.HOLDING, Kind.NEW_REPORT, Kind.FAILURE]
)

BY_TAG = {
    Kind.REPLY: "[reply",
    Kind.EXPLANATION: "[explain",
    Kind.OUTCOME: "[resolve:",
    Kind.RECEIPT: "[report]",
    Kind.TO_PERSON: "[write",
    Kind.DECISION: "[write",
    Kind.APPEAL_ANSWER: "[appeal:",
    Kind.APPEAL_RESULT: "[appeal:",
    Kind.SANCTION_ENDED: "[lift",
}
"""Which command a letter that leaves the team comes from, where it does not come by itself."""

CARRIED = re.compile(r"\[(resolve:(ban|vacation)|extend|lift|appeal:|approve)")
"""What a contact may be written to for."""

APPROVED = {Kind.REPLY, Kind.OUTCOME, Kind.TO_PERSON, Kind.DECISION}
"""What may leave when a second person approves."""


def commanded(text):
    """The letters that the commands of a mail may send."""
    carried = {Kind.CONTACT} if CARRIED.search(text) else set()
    return {kind for kind, tag in BY_TAG.items() if tag in text} | (APPROVED if "[approve" in text else set()) | carried


STEPS_BACK = {What.URGENT, What.WITHHELD, What.CHALLENGED}
"""What a mail that is refused or asked back may leave behind."""


class Life(RuleBasedStateMachine):
    """The life of one case."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize(text=TEXTS, held=st.sampled_from([False, False, True]), address=ADDRESSES, approvals=st.sampled_from([1, 2]))
    def begins(self, text, held, address, approvals):
        """A mail comes in, to an organisation where one or two decide; a person wrote it, or it seems that none did."""
        spaces = (Space(slug="forum", name="The forum", contact=MODS), Space(slug="chat", name="The chat"))
        self.world.policy = policy(approvals=approvals, spaces=spaces)
        sort = Sort.AUTOMATIC if held else Sort.HUMAN
        decision = self.world.report(text, strict_sender=address, address=address or "odd", sort=sort, answerable=not held)
        self.seen(decision, {Kind.RECEIPT})

    @rule(text=MAILS, who=WHO, proof=st.sampled_from([PROOF, PROOF, ""]), known=st.booleans())
    def one_of_us_writes(self, text, who, proof, known):
        """A mail from staff, the board or the contact outside, on the case's thread."""
        before, decision = self.world.case, self.world.staff(text, who, proof=proof, token=None if known else "")
        self.seen(decision, commanded(text) | ({Kind.RECEIPT} if self.world.case.id != before.id else set()))
        refused = [letter for letter in decision.letters if letter.kind is Kind.ANSWER and letter.facts["errors"]]
        if (refused or decision.who(Kind.CHALLENGE)) and self.world.case.id == before.id:
            outside = not disclosure.may_act(before, who, self.world.policy)
            # What stands below a recusal goes with it; who may not act has written a note, or a mail from outside.
            beside = {What.NOTE, What.THIRD_PARTY} if outside else {What.NOTE} if "[recuse" in text else set()
            assert set(decision.happened) <= STEPS_BACK | beside

    @rule(text=st.sampled_from(WORK), number=st.integers(0, 2))
    def the_team_works(self, text, number):
        """Somebody who may act does something that moves a case on, with every proof."""
        team = disclosure.team(self.world.case, self.world.policy)
        if team:
            who = self.world.policy.person(team[number % len(team)].handle)
            self.seen(self.world.staff(text, who), commanded(text))

    @precondition(lambda self: self.world.asked)
    @rule()
    def somebody_confirms(self):
        """The newest question is answered by whom it was asked."""
        holder = list(self.world.asked.values())[-1][0]
        text = list(self.world.asked.values())[-1][1].text
        who = next(person for person in self.world.policy.people if person.handle == holder)
        self.seen(self.world.confirm(who), commanded(text))

    @rule(text=TEXTS, sort=st.sampled_from([Sort.HUMAN, Sort.HUMAN, Sort.AUTOMATIC]), found=st.sampled_from(Found))
    def the_reporter_writes(self, text, sort, found):
        """A follow-up, or an automatic answer."""
        filed = self.world.case.reporter.address or "kim@elsewhere.example"
        self.seen(self.world.wrote(text, sender=filed, sort=sort, found=found), {Kind.RECEIPT} if found is Found.CODE else set())

    @rule(text=TEXTS, found=st.sampled_from([Found.TOKEN, Found.MESSAGE_ID]))
    def a_stranger_writes(self, text, found):
        """Somebody who is no participant, on the case's thread: nothing moves but who must not know."""
        before = self.world.case
        self.seen(self.world.wrote(text, sender="stranger@x.example", found=found), set())
        assert self.world.case.state is before.state
        assert self.world.case.determinations == before.determinations
        assert self.world.case.clocks[Duty.ACKNOWLEDGE] == before.clocks[Duty.ACKNOWLEDGE]

    @rule(text=TEXTS, found=st.sampled_from([Found.TOKEN, Found.MESSAGE_ID]))
    def the_respondent_writes(self, text, found):
        """Somebody else on the case: nothing of it goes to the reporter, and nothing moves but who must not know."""
        before = self.world.case
        self.seen(self.world.party(text, ROBIN, found=found), set())
        assert (self.world.case.state, self.world.case.sanctions) == (before.state, before.sanctions)
        assert self.world.case.reporter == before.reporter

    @precondition(lambda self: any(task.contact for task in self.world.case.tasks))
    @rule(text=st.sampled_from(["[done]", "[done]", "Which one?", "[close]\n[lift:S1]\nWhy."]), number=st.integers(0, 9))
    def the_contact_of_a_space_answers(self, text, number):
        """Whatever they write: their own task is confirmed, or nothing moves."""
        before, asked = self.world.case, [task for task in self.world.case.tasks if task.contact]
        task = asked[number % len(asked)]
        thread = Thread(ticket=before, found=Found.TOKEN, token=task.token, holder=task.id)
        self.seen(self.world.arrive(mail(text, sender=MODS, received_at=self.world.now), thread=thread), set())
        assert (self.world.case.state, self.world.case.sanctions, self.world.case.clocks) == (before.state, before.sanctions, before.clocks)
        assert [one for one in self.world.case.tasks if one.id != task.id] == [one for one in before.tasks if one.id != task.id]

    @rule(accepted=st.booleans(), kind=st.sampled_from([Kind.TO_PERSON, Kind.DECISION]))
    def the_mail_server_of_the_respondent_answers(self, accepted, kind):
        """A letter to them is taken or lost: no clock of the reporter's moves."""
        before = self.world.case
        self.seen(self.world.fate(kind, "P1", accepted=accepted), set())
        assert (self.world.case.state, self.world.case.clocks) == (before.state, before.clocks)

    @rule(kind=LETTERS, accepted=st.sampled_from([True, True, False]))
    def a_mail_server_answers(self, kind, accepted):
        """A letter is taken or lost, be it one that was ever written or one of an earlier life."""
        role = "reporter" if kind in TO_REPORTER else "staff"
        answered = self.world.case.answered_at
        self.seen(self.world.accepted(kind, role=role) if accepted else self.world.lost(kind, role=role), set())
        if accepted and kind is not Kind.OUTCOME:
            assert self.world.case.answered_at == answered

    @rule(span=SPANS)
    def time_passes(self, span):
        """The clocks are looked at: what is due is told once, and nothing is due any more."""
        self.seen(self.world.tick(span), {Kind.HOLDING, Kind.CONTACT, Kind.SANCTION_ENDED})
        for following in (next_at(self.world.case, Clocks()), next_mark(self.world.case, self.world.policy)):
            assert following is None or following > self.world.now
        assert self.world.tick().effects == ()

    def seen(self, decision, commanded):
        """What holds of every decision; `commanded` are the letters that may leave by it."""
        world = self.world
        assert len(decision.all(File)) <= 1
        tokens = [letter.token for letter in decision.letters]
        assert all(tokens)
        assert len(set(tokens)) == len(tokens)
        for letter in decision.letters:
            if letter.ticket_id is not None and letter.kind not in TO_REPORTER | TO_OTHERS:
                case = world.tickets[letter.ticket_id]
                person = world.policy.person(letter.to.handle)
                assert disclosure.may_know(case, person), (letter.kind, letter.to)
                assert letter.to.address == person.address
        assert {letter.kind for letter in decision.letters if letter.kind in TO_REPORTER | TO_OTHERS} <= commanded
        for letter in decision.letters:
            if letter.kind in TO_REPORTER:
                assert letter.to.address == world.tickets[letter.ticket_id].reporter.address
            elif letter.kind is Kind.CONTACT:
                assert letter.to.address == MODS
                assert not any(secret in str(letter.facts) for secret in (KIM, letter.code or "quiet", ALL_FIVE.splitlines()[1]))
            elif letter.kind in TO_OTHERS:
                assert letter.to.address == world.tickets[letter.ticket_id].person(letter.to.handle).address == ROBIN
        made = [entry for entry in decision.entries if entry.what is What.SANCTIONED]
        assert not made or Kind.OUTCOME in commanded  # a resolution or an approval: no sanction without its command
        assert all(len(set(entry.facts["by"])) == world.policy.approvals for entry in made)

    @invariant()
    def a_resolution_has_its_determinations(self):
        """No resolution without the five determinations."""
        for case in self.world.tickets.values():
            assert not case.resolutions or missing(case) == ()

    @invariant()
    def what_is_over_leaves_nothing_to_impose(self):
        """No task of a sanction that was lifted or has ended but to restore access, and none to restore it before."""
        for case in self.world.tickets.values():
            over = {one.id: bool(one.lifted_at or one.ended_at) for one in case.sanctions}
            assert all((task.act is Act.RESTORE) is over[task.sanction] for task in case.tasks if task.open)

    @invariant()
    def who_is_told_by_a_letter_was_written_to(self):
        """Whoever waits for a letter about a decision is untold, and whoever was reached by it is not."""
        for case in self.world.tickets.values():
            assert case.telling <= {*case.untold}
            assert case.unreached <= {*case.untold}

    @invariant()
    def the_week_runs_until_it_is_answered(self):
        """Whoever is owed an answer has a clock that runs, and nothing but an outcome or an answer by other means stops it."""
        for case in self.world.tickets.values():
            owed = case.working and case.state is not State.HELD
            assert case.running(Duty.RESPOND) is (owed and case.answered_at is None)
            assert case.answered_by in ("", "staff", "outcome")
            assert (case.answered_by == "") is (case.answered_at is None)

    @invariant()
    def the_day_runs_until_it_is_acknowledged(self):
        """A report without an acknowledgement, and a held message whatever was sent, has its 24 hours running."""
        for case in self.world.tickets.values():
            held = case.state is State.HELD
            assert case.running(Duty.ACKNOWLEDGE) is (case.working and (held or case.acknowledged_at is None))

    @invariant()
    def somebody_leads_or_is_looked_for(self):
        """A case that is somebody's work has a lead, or a clock until it has; whoever leads may know of it."""
        for case in self.world.tickets.values():
            if case.working and case.state is not State.HELD:
                assert case.lead or case.running(Duty.TAKE) or case.running(Duty.TAKE_URGENT)
            assert case.lead not in case.withheld

    @invariant()
    def over_is_over(self):
        """What is closed or set aside has no duty but to answer an alarm."""
        for case in self.world.tickets.values():
            if not case.working:
                assert not any(case.running(duty) for duty in Duty if duty is not Duty.TAKE_URGENT)

    @invariant()
    def nobody_is_left_without_an_answer(self):
        """No case is closed whose reporter was never answered, or cannot be."""
        assert all(case.answers for case in self.world.tickets.values() if case.state is State.CLOSED)

    @invariant()
    def one_acknowledgement_a_case(self):
        """However often a case was set aside and taken up again, its reporter got one acknowledgement."""
        for number in self.world.tickets:
            assert sum(letter.kind is Kind.RECEIPT and letter.ticket_id == number for letter in self.world.letters) <= 1

    @invariant()
    def the_digest_adds_up_for_every_reader(self):
        """Each reader's own copy omits what they may not know of, and its totals fit."""
        now = self.world.now
        for reader in self.world.policy.board:
            known = [case for case in self.world.tickets.values() if disclosure.may_know(case, reader)]
            facts = digest([standing(case) for case in known], slot=weekly_slot(now, self.world.policy), now=now, policy=self.world.policy)
            assert sum(facts["states"].values()) == len(known)
            assert sum(age["count"] for age in facts["ages"]) == sum(standing(case).open for case in known)
            hidden = [case.code for case in self.world.tickets.values() if case not in known]
            assert not [code for code in hidden if code in str(facts)]


def standing(case):
    """A case as the digest sees it."""
    acknowledge, respond = case.clocks.get(Duty.ACKNOWLEDGE), case.clocks.get(Duty.RESPOND)
    return Standing(
        code=case.code,
        state=case.state.value,
        received_at=case.received_at,
        acknowledge_due_at=acknowledge and acknowledge.due_at,
        acknowledged_at=case.acknowledged_at,
        respond_due_at=respond and respond.due_at,
        answered_at=case.answered_at,
    )


class TestLife(Life.TestCase):
    """Runs the lives, a few thousand steps in all; many more in `make test-deep`."""

    settings = settings(stateful_step_count=30)
