"""The playbook as a machine: hostile lives of several cases, held after every step against product.md, sentence by sentence.

`test_histories` plays single cases and lets any letter's fate come; here only letters that were written arrive or come back, several
cases and two deciders are on hand, and what is said in one place is looked for in every other.
"""

import re
from dataclasses import replace
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from maild.playbook import disclosure
from maild.playbook.commands import Command, read
from maild.playbook.deadlines import Duty
from maild.playbook.effects import Append, Open, Withdraw, Withhold
from maild.playbook.entry import What
from maild.playbook.events import Found, Sort, Thread
from maild.playbook.history import fold
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.policy import Space
from maild.playbook.progress import DEADLINES, missing
from maild.playbook.proposals import command_from, reason
from maild.playbook.ticket import TURNS, No, State, Turn
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DORA, FELIX, HOUR, NO_VIOLATION, PROOF, PYCON, World, mail, policy

ROBIN = "robin@away.example"
EVERYBODY = (ANA, BEN, CARLA, DORA, FELIX)
MODS = "forum@club.example"
SPACES = (Space(slug="slack", name="Slack"), Space(slug="forum", name="the forum", contact=MODS))

LINES = (
    "amber bassoons crossed dusty estuaries",
    "nine cormorants weigh over glass bridges tonight",
    "violet ledgers hum beside wooden turbines",
    "Old fandangos, quiet lanterns; seven brass keys",
)
"""Lines of five words and more that stand in notes, and that somebody may paste elsewhere."""

PLACES = (
    *("{line}", "[note]\n{line}", "[take]\n{line}", "[determine what]\n{line}", "[urgent]\n{line}", "[object]\n{line}"),
    *("[warn:P1]\n{line}", "[withdraw-warning:W1]\n{line}", "[stop-instruction:P1]\n{line}", "[offence:serious P1]\n{line}"),
    *("[lift:S1]\n{line}", "[extend:S1 permanent]\n{line}", "[support:friend=wanted]\n{line}", "[contacted:police]\n{line}"),
    *("[presentation:stopped]\n{line}", ALL_FIVE + "[event:pycon-2026]\n[expel:P1 ground=discretion]\n{line}"),
)
"""Where a line stays inside."""

PASTED = (
    *("[reply]\n{line}", "[reply]\nThank you.\n{line}", "[explain until=2026-11-28]\n{line}", "[write:P1]\n{line}"),
    "[appeal:upheld S1]\n{line}",
    *("[resolve:private-reprimand]\n[reply]\n{line}", "[resolve:ban spaces=slack permanent]\n[reply]\n{line}\n[write:P1]\n{line}"),
)
"""Where it would leave."""

AFTERWARDS = (
    *("[done:T1]", "[done:T2]", "[done:T3]", "[lift:S1]\nWe were wrong.", "[lift:S2]\nWe were wrong."),
    *("[extend:S1 permanent]\nIt went on.", "[extend:S1 until=2027-07-31]\nIt went on.", "[extend:S1 until=2026-12-20]"),
    *(
        "[appeal:S1]",
        "[appeal:S1]",
        "[appeal:upheld S1]\nIt stays.",
        "[appeal:changed S1 until=2027-06-30]\nShorter.",
        "[appeal:reversed]\nOver.",
    ),
)
"""What follows a sanction."""

OBSERVED = (
    *("[warn:P1]\nRobin was told.", "[warn:P1 event=pycon-2026]", '[warn:P2 name="Sam Sample"]', "[withdraw-warning:W1]\nIt was another."),
    *("[stop-instruction:P1 by=target]", "[offence:serious P1]\nHe hit a guest.", "[offence:intentional P1 at=2026-11-22]", "[history:P1]"),
    *('[presentation:minor talk="Snakes and Ladders"]', "[presentation:stopped grounds=serious]", "[presentation:spoken]"),
    *("[support:escort=wanted]", "[support:escort=arranged]", "[support:police=declined]", "[contacted:police basis=consent]"),
    *(
        "[contacted:venue-security]",
        "[event:pycon-2026]\n[expel:P1 ground=serious]",
        "[expel:P1 ground=discretion]\nWe fear for the guests.",
    ),
    *("[merge:{code}]", "[merge:{code}]", "[split]", "[split:{code}]", "[reply to={ref}]\nThank you.", "[answered to={ref}]"),
)
"""What is put on record of a case at a conference, and of several reports of one incident."""

WORKING = (
    *(
        ALL_FIVE,
        NO_VIOLATION,
        "[take]",
        "[drop]",
        "[assign:ben]",
        "[event:pycon-2026]",
        "[space:slack]",
        "[told:P1]",
        "[answered]",
        "[close]",
        "[reopen]",
        "[report]",
    ),
    *("[resolve:nothing]", "[resolve:private-reprimand]", "[resolve:vacation spaces=slack,forum]", "[resolve:ban spaces=all permanent]"),
    *("[resolve:apology private]", "[resolve:private-reprimand silent]", '[resolve:other label="a talk"]\nWe spoke.'),
    *("[resolve:public-reprimand]\nWe ask everybody to be kind.", "[reply]\nThank you for writing.", "[reply anyway]\nYou must wait."),
    *("[explain until=2026-11-28]\nWe wait.", "[explain until=2026-12-04]\nWe wait.", f"[person:P1 address={ROBIN}]"),
    *("[write:P1]\nPlease leave others their turn.", "[approve]", "[object]\nToo hard.", "[approve:A1]", "[approve:A2]"),
    *("[not-a-report:enquiry]", "[urgent]", "[determine safety=yes]", "[status]", "[show]", "[list:open]", "[list:overdue]", "[help]"),
    *("[recuse]", "[recuse:ana]", "[recuse:ben]", "[unrecuse:ana]", "[unrecuse:ben]", "[unrecuse:carla]", '[determine who="Ana Abela"]'),
    *(ALL_FIVE + "[resolve:ban spaces=slack until=2027-05-31]", f"{ALL_FIVE}[resolve:vacation spaces=all]\n[write:P1]\nA week off."),
    *(ALL_FIVE + "[resolve:private-reprimand]\n[told:P1]\n[close]", NO_VIOLATION + "[resolve:nothing]\n[reply]\nWe looked."),
)
"""What may work, where a case is ready for it."""

RECORD = (
    "[record event=pycon-2026]\ncontact: Noor, {mark}@record.example\nmay we write to them: yes\naccount: Somebody shouted, {mark}.",
    "[record]\ncontact: Noor, {mark}@record.example\naccount: Somebody shouted, {mark}.\n-- my notes --\nNoor was calm.",
    "[record event=nowhere]\nIt was Ben, {mark}.\n[urgent]",
    "[record]\nSomebody shouted, {mark}.\n" + ALL_FIVE + "[resolve:private-reprimand]",
)
"""What somebody took down, in person."""

MADE = (
    *(
        "[resolve:private-reprimand]",
        "[resolve:apology public]",
        "[resolve:vacation spaces=slack days=90]",
        "[resolve:ban spaces=all permanent]",
    ),
    *("[resolve:ban spaces=forum until=2027-05-31]\n[resolve:apology private]", "[resolve:public-reprimand]\nWe ask everybody to be kind."),
    *("[resolve:ban spaces=slack permanent silent]", "[resolve:vacation spaces=all]\n[told:P1]"),
    *("[resolve:ban spaces=forum permanent]", "[event:pycon-2026]\n[expel:P1 ground=kept-on]"),
)
"""Decisions about somebody."""

BROKEN = (
    *("[frobnicate]", "[resolve:banish]", "[resolve:ban spaces=moon permanent]", "[resolve:vacation spaces=all days=91]", "[told:P9]"),
    *(
        "[reply]",
        "[determine violation=maybe]",
        "[resolve:nothing]\n[resolve:ban spaces=all permanent]",
        "[assign:dora]",
        "[rpely]\nHello.",
    ),
    *(
        "[event:nowhere]",
        "[case:no-such]",
        "[write:P7]\nHello.",
        "[explain until=2020-01-01]\nWe wait.",
        "[recuse:nobody]",
        "[determine violation=yes",
    ),
    *("[record]", "[warn:P9]", "[expel:P1]", "[expel:P9 ground=serious]", "[merge:no-such]", "[lift:S9]\nIt is over.", "[done:T9]"),
    *("[support:escort]", "[contacted:friend]", "[presentation:paused]", "[offence:rude P1]", "[appeal:upheld S9]\nNo.", "[extend:S1]"),
)
"""What is refused wherever it stands."""

SAID = st.sampled_from([*WORKING, *WORKING, *OBSERVED, *AFTERWARDS, *PLACES, *PASTED, *BROKEN])
MAILS = st.lists(SAID, min_size=1, max_size=4).map("\n".join)
WHO = st.sampled_from([ANA, ANA, BEN, BEN, CARLA, DORA, FELIX])
LINE = st.sampled_from(LINES)
PICK = st.integers(0, 5)
SPANS = st.sampled_from([0, 1, 3, 12, 23, 71, 167, 400]).map(lambda hours: hours * HOUR)
WISHES = {"[no-contact]": True, "[contact]": False}
"""What a reporter may ask, and whether nothing may be sent to them from then on."""

REPORTS = (
    *["Somebody shouted at me."] * 8,
    "",
    "It was Ben.",
    "Ana, Ben and Carla did it.",
    "I write.\n[no-contact]",
    "I write.\n[anonymous]",
)
MORE = ("There is more.", "Thank you.", "[no-contact]", "[contact]", "[not-to: Carla]", "[anonymous]", "[resolve:nothing]", "[approve]")

CHANGED_BY_REFUSED = ("version", "urgent", "withheld", "lead", "clocks")
"""What the safety alarm and a recusal change: all that a refused mail may."""

MAY_TURN = {
    What.ACCEPTED: {Turn.ACKNOWLEDGED},
    What.ANSWERED: {Turn.ACKNOWLEDGED},
    What.RECORDED: {Turn.ACKNOWLEDGED},
    What.LOST: {Turn.UNDONE, Turn.RETURNED},
    What.TAKEN: {Turn.TAKEN},
    What.DETERMINED: {Turn.DETERMINED},
    What.RESOLVED: {Turn.RESOLVED},
    What.EXPLAINED: {Turn.EXPLAINED},
    What.CLOSED: {Turn.CLOSED},
    What.REOPENED: {Turn.REOPENED},
    What.WROTE: {Turn.WROTE},
    What.RELEASED: {Turn.RELEASED, Turn.ACKNOWLEDGED},
    What.DISMISSED: {Turn.DISMISSED},
    What.WOKEN: {Turn.RETURNED},
}
"""Which turns of the table of states an entry may make; all others make none."""

ENDS = {What.ANSWERED, What.CLOSED, What.DISMISSED}
"""What ends the week, beside an outcome letter that is accepted."""

MADE_BY = {
    What.EXPELLED: {"expel", "approve"},
    What.LIFTED: {"lift", "appeal"},
    What.EXTENDED: {"extend", "appeal", "approve"},
    What.APPEALED: {"appeal"},
    What.JUDGED: {"appeal"},
    What.WARNED: {"warn"},
    What.WITHDRAWN: {"withdraw-warning"},
    What.STOPPED: {"stop-instruction"},
    What.OFFENDED: {"offence"},
    What.PRESENTATION: {"presentation"},
    What.SUPPORT: {"support"},
    What.CONTACTED: {"contacted"},
    What.RECORDED: {"record"},
    What.JOINED: {"merge"},
    What.MERGED: {"merge"},
    What.PARTED: {"split"},
    What.SPLIT: {"split"},
}
"""Of what is there by a command alone, the commands."""

INSIDE = {What.NOTE, What.DETERMINED, What.URGENT, What.OBJECTED, What.RECORDED, *MADE_BY} - {What.JUDGED}
"""Entries whose text stays in the team."""

TO_A_CONTACT = {
    Kind.CONTACT: {"act", "person", "measure", "places", "start", "until", "over"},
    Kind.SANCTION_ENDED: {"places", "everywhere", "over"},
}
"""All that these letters may know: the person, the measure and the dates."""

DEEP_STEPS = 10_000
"""At least so many decisions in `make test-deep`."""

UNFAIR = re.compile(r"\b(?:offender|harasser|bad actor|perpetrator)", re.IGNORECASE)


def reachable(state: State, turns: set[Turn]) -> set[State]:
    """The states that some of these turns lead to, in any order."""
    found, new = {state}, {state}
    while new:
        new = {to for one in new for turn in turns if not isinstance(to := TURNS[one][turn], No)} - found
        found |= new
    return found


class Playbook(RuleBasedStateMachine):
    """Three cases at most, everybody who may write about them, and what maild makes of it."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.outbox, self.taken, self.kept, self.quiet, self.mark = [], [], {}, {}, {}
        self.marks = (f"mark{number}q" for number in count())

    @initialize(approvals=st.sampled_from([1, 2, 2]), text=st.sampled_from(REPORTS))
    def begins(self, approvals, text):
        """An organisation where one or two decide gets its first report."""
        self.world.policy = policy(approvals=approvals, spaces=SPACES, conferences=(PYCON,))
        self.reported(text)

    @precondition(lambda self: len(self.world.tickets) < 3)
    @rule(text=st.sampled_from(REPORTS), sort=st.sampled_from([Sort.HUMAN, Sort.HUMAN, Sort.BULK]), by=st.sampled_from(["", "", "ana"]))
    def a_report_comes(self, text, sort, by):
        """Another one, by another person, who may be one of us."""
        self.reported(text.partition("\n")[0] if by else text, sort=sort, sender=ANA.address if by else "")

    def reported(self, text, *, sort=Sort.HUMAN, sender=""):
        """The mark of a report is in its text, its address and its Message-ID, and in no letter about another case."""
        mark = next(self.marks)
        changes = {"sender": sender or f"{mark}@reporter.example", "message_id": f"{mark}@mail.example", "answerable": sort is Sort.HUMAN}
        decision = self.world.report(f"{text}\n{mark} {mark}", sort=sort, **changes)
        self.mark[self.world.current] = mark
        self.quiet[self.world.current] = "[no-contact]" in text
        self.seen(decision, {}, "")

    @precondition(lambda self: len(self.world.tickets) < 4)
    @rule(text=st.sampled_from(RECORD), who=st.sampled_from([ANA, ANA, BEN, FELIX]), on_a_case=st.booleans(), pick=PICK)
    def somebody_was_told_in_person(self, text, who, on_a_case, pick):
        """A case out of what somebody took down, as an answer to a notice or in a new mail."""
        case, before = self.turned_to(pick), dict(self.world.tickets)
        text = text.replace("{mark}", next(self.marks))
        decision = self.world.staff(text, who, case=case) if on_a_case else self.world.new_mail(text, who)
        self.commanded(decision, before, text, who)

    def filled(self, text, line, pick):
        """With a line that stands in notes, and the names of one of the cases."""
        case = sorted(self.world.tickets.values(), key=lambda one: one.id)[pick % len(self.world.tickets)]
        return text.replace("{line}", line).replace("{code}", case.code).replace("{ref}", case.reference)

    def turned_to(self, pick):
        """One of the cases, on hand now."""
        numbers = sorted(self.world.tickets)
        self.world.current = numbers[pick % len(numbers)]
        return self.world.case

    @rule(
        text=MAILS,
        line=LINE,
        who=WHO,
        pick=PICK,
        other=PICK,
        proof=st.sampled_from([PROOF, PROOF, ""]),
        token=st.sampled_from([None, None, ""]),
    )
    def one_of_us_writes(self, text, line, who, pick, other, proof, token):
        """Any tags, in any number, by anybody of us, proven or not, on any case."""
        case, text, before = self.turned_to(pick), self.filled(text, line, other), dict(self.world.tickets)
        self.commanded(self.world.staff(text, who, case=case, proof=proof, token=token), before, text, who)

    @rule(text=st.sampled_from([*WORKING, *OBSERVED, *PLACES]), line=LINE, number=PICK, pick=PICK, other=PICK)
    def the_team_works(self, text, line, number, pick, other):
        """Somebody who may act does something that may work."""
        case, text, before = self.turned_to(pick), self.filled(text, line, other), dict(self.world.tickets)
        if team := disclosure.team(case, self.world.policy):
            who = self.world.policy.person(team[number % len(team)].handle)
            self.commanded(self.world.staff(text, who, case=case), before, text, who)

    @rule(
        kind=st.sampled_from(MADE), told=st.sampled_from(["", "", "[reply]\nWe looked.", "[write:P1]\nStay away."]), number=PICK, pick=PICK
    )
    def the_team_decides(self, kind, told, number, pick):
        """All five determinations and a decision in one mail, as on day one."""
        case, before = self.turned_to(pick), dict(self.world.tickets)
        text = "\n".join(filter(None, (ALL_FIVE.strip(), f"[person:P1 address={ROBIN}]", kind, told)))
        if team := disclosure.team(case, self.world.policy):
            who = self.world.policy.person(team[number % len(team)].handle)
            self.commanded(self.world.staff(text, who, case=case), before, text, who)

    @precondition(lambda self: any(case.sanctions for case in self.world.tickets.values()))
    @rule(text=st.sampled_from(AFTERWARDS), told=st.sampled_from(["", "", "[write:P1]\nA little longer."]), number=PICK)
    def something_follows_a_sanction(self, text, told, number):
        """It is lifted, made longer, appealed or carried out, by any of the team."""
        before = dict(self.world.tickets)
        case = next(self.world.whole(case) for case in before.values() if case.sanctions)
        self.world.current, text = case.id, "\n".join(filter(None, (text, told)))
        if team := disclosure.team(case, self.world.policy):
            who = self.world.policy.person(team[number % len(team)].handle)
            self.commanded(self.world.staff(text, who, case=case), before, text, who)

    @precondition(lambda self: any(task.contact for case in self.world.tickets.values() for task in case.tasks))
    @rule(text=st.sampled_from(["[done]", "[done]", "Thank you.", "[lift:S1]\nWe do not want it.", "[done] [take]"]), pick=PICK)
    def a_contact_answers(self, text, pick):
        """Whoever keeps a space confirms what they were asked, and can do nothing else."""
        asked = [(case, task) for case in self.world.tickets.values() for task in case.tasks if task.contact]
        case, task = asked[pick % len(asked)]
        self.world.current, before = case.id, dict(self.world.tickets)
        thread = Thread(ticket=self.world.whole(case), found=Found.TOKEN, token=task.token, holder=task.id, about=case.id)
        decision = self.world.arrive(mail(text, sender=MODS, received_at=self.world.now, references=("c@club.example",)), thread=thread)
        self.outside(decision, before, text)
        assert not leaving(decision)
        assert text == "[done]" or What.CONFIRMED not in decision.happened

    @precondition(lambda self: len(self.world.tickets) > 1)
    @rule(
        text=st.sampled_from(["[merge:{code}]", "[merge:{code}]", "[split]", "[reply to={ref}]\nThank you."]),
        out=st.sampled_from(["", "ana", "ben", "carla"]),
        pick=PICK,
        other=PICK,
    )
    def it_was_one_incident(self, text, out, pick, other):
        """Two cases become one, or two again; somebody may have stepped back from one of them, and the team goes on talking."""
        other = pick + 1 + other % (len(self.world.tickets) - 1)
        text = self.filled(text, "", other)
        if out:
            self.said_by_the_team(f"[recuse:{out}]", other)
        self.said_by_the_team(text, pick, other)
        self.said_by_the_team("[note]\nWe go on.", pick)

    def said_by_the_team(self, text, *picks):
        """Of the first of these cases, by whoever is of the team of all of them."""
        before, cases = dict(self.world.tickets), [self.turned_to(pick) for pick in reversed(picks)]
        able = [who for who in EVERYBODY if all(disclosure.may_act(case, who, self.world.policy) for case in cases)]
        if able:
            self.commanded(self.world.staff(text, able[0], case=cases[-1]), before, text, able[0])

    @precondition(lambda self: any(case.proposal for case in self.world.tickets.values()))
    @rule(
        text=st.sampled_from(["[approve:{id}]", "[approve:{id}]", "[approve:{id}]", "[object:{id}]\nToo hard.", "[approve]"]), number=PICK
    )
    def somebody_answers_a_proposal(self, text, number):
        """Any of the team, the one who proposed it among them."""
        before = dict(self.world.tickets)
        case = next(self.world.whole(case) for case in before.values() if case.proposal)
        self.world.current, text = case.id, text.format(id=case.proposal.id)
        if team := disclosure.team(case, self.world.policy):
            who = self.world.policy.person(team[number % len(team)].handle)
            self.commanded(self.world.staff(text, who, case=case), before, text, who)

    @rule(text=st.sampled_from([*PASTED, "[reply]\n{line}"]), place=st.sampled_from([*PLACES, *PLACES[-1:] * 4]), line=LINE, pick=PICK)
    def somebody_pastes_what_was_noted(self, text, place, line, pick):
        """A line of a note in a text that would leave, in the next mail of the same colleague."""
        case = self.turned_to(pick)
        for one in (place, text):
            before, said = dict(self.world.tickets), self.filled(one, line, pick)
            if disclosure.may_act(self.world.whole(case), BEN, self.world.policy):
                self.commanded(self.world.staff(said, BEN, case=case), before, said, BEN)

    @rule(text=MAILS, line=LINE, who=st.sampled_from([ANA, BEN, CARLA]), pick=PICK)
    def a_new_mail_names_a_case(self, text, line, who, pick):
        """Tags in a mail that answers none of ours; every mail of this kind waits for a confirmation, or is refused."""
        case, before = self.turned_to(pick), dict(self.world.tickets)
        text = f"[case:{case.code}]\n{self.filled(text, line, pick + 1)}"
        self.commanded(self.world.new_mail(text, who), before, text, who)

    @precondition(lambda self: self.world.asked)
    @rule()
    def somebody_confirms(self):
        """The newest question is answered by whom it was asked."""
        holder, waiting = list(self.world.asked.values())[-1]
        before, who = dict(self.world.tickets), self.world.policy.person(holder)
        self.commanded(self.world.confirm(who), before, waiting.command_text, who)

    @rule(text=MAILS, line=LINE, pick=PICK)
    def a_mail_comes_twice(self, text, line, pick):
        """The second delivery of the same mail does nothing again."""
        case, text, before = self.turned_to(pick), self.filled(text, line, pick + 1), dict(self.world.tickets)
        token = next((one for one, holder in self.world.tokens.items() if holder == (case.id, "ben")), None)
        if token:
            self.commanded(self.world.staff(text, BEN, case=case, token=token), before, text, BEN)
            spent = (token, text) in self.world.spent
            again = self.world.staff(text, BEN, case=case, token=token) if token in self.world.tokens else None
            if again and spent:
                assert again.entries == []
                assert [one.kind for one in again.letters] == [Kind.ANSWER]

    @rule(text=st.sampled_from(MORE), sort=st.sampled_from([Sort.HUMAN, Sort.HUMAN, Sort.AUTOMATIC]), pick=PICK)
    def a_reporter_writes_again(self, text, sort, pick):
        """More of it, a wish, or tags that are for staff; what a machine answers in their name wishes nothing."""
        self.turned_to(pick)
        thread, before = self.world.tickets[self.world.current], dict(self.world.tickets)
        if thread.reporter and thread.reporter.address:
            decision = self.world.wrote(text, sender=thread.reporter.address, sort=sort, of=thread)
            if sort is Sort.HUMAN:
                self.quiet[thread.id] = WISHES.get(text, self.quiet[thread.id])
            self.outside(decision, before, text)

    @rule(text=st.sampled_from([*WORKING, *MORE, "[reply]\nHello."]), known=st.booleans(), pick=PICK)
    def somebody_else_writes(self, text, known, pick):
        """A stranger or the respondent writes tags on the thread: they are text."""
        case, before = self.turned_to(pick), dict(self.world.tickets)
        decision = self.world.party(text, ROBIN if known else "stranger@x.example")
        self.outside(decision, before, text)
        assert not leaving(decision)
        assert self.world.tickets[case.id].state is before[case.id].state

    @precondition(lambda self: self.outbox)
    @rule(pick=st.integers(0, 50), accepted=st.sampled_from([True, True, False]))
    def a_mail_server_answers(self, pick, accepted):
        """A letter that was written is accepted, or refused for good."""
        outward = [one for one in self.outbox if one.kind in TO_REPORTER | TO_OTHERS]
        letter = outward[pick % len(outward)] if outward and pick % 5 else self.outbox[pick % len(self.outbox)]
        self.outbox.remove(letter)
        if accepted:
            self.taken.append(letter)
        self.settled(letter, accepted=accepted)

    @rule()
    def all_that_leaves_arrives(self):
        """Mail servers outside take whatever waits for them."""
        for letter in [one for one in self.outbox if one.kind in TO_REPORTER | TO_OTHERS]:
            if letter in self.outbox:
                self.outbox.remove(letter)
                self.taken.append(letter)
                self.settled(letter, accepted=True)

    @rule(text=st.sampled_from(["[not-a-report:enquiry]", "[report]", "[reopen]", "[close]", "[reply]\nHello.", "[answered]"]), pick=PICK)
    def a_case_is_set_aside_and_taken_up(self, text, pick):
        """Whatever was decided of it before, by whoever of the team comes first."""
        case, before = self.turned_to(pick), dict(self.world.tickets)
        if team := disclosure.team(case, self.world.policy):
            who = self.world.policy.person(team[0].handle)
            self.commanded(self.world.staff(text, who, case=case), before, text, who)

    @precondition(lambda self: self.taken)
    @rule(pick=st.integers(0, 50))
    def a_letter_comes_back(self, pick):
        """One that was accepted bounces after all."""
        letter = self.taken[pick % len(self.taken)]
        self.taken.remove(letter)
        self.settled(letter, accepted=False)

    def settled(self, letter, *, accepted):
        """No fate of a letter sends anything to a reporter, or decides anything."""
        self.world.current, before = letter.ticket_id, dict(self.world.tickets)
        of = before[letter.ticket_id]
        if letter.to.role == disclosure.OUTSIDER:
            decision = self.world.fate(letter.kind, letter.to.handle, accepted=accepted, of=of)
        else:
            decision = (self.world.accepted if accepted else self.world.lost)(letter.kind, role=letter.to.role, of=of)
        self.outside(decision, before, "")

    @rule(span=SPANS)
    def time_passes(self, span):
        """The clocks of all cases are looked at: every deadline that has passed without being met or moved is a breach on record."""
        for number, case in sorted(self.world.tickets.items()):
            before = dict(self.world.tickets)
            decision = self.world.tick(span if number == min(self.world.tickets) else 0 * HOUR, of=case)
            self.outside(decision, before, "")
            assert {one.kind for one in leaving(decision)} <= {Kind.HOLDING, Kind.CONTACT, Kind.SANCTION_ENDED}
            assert What.BREACHED not in decision.happened or {Kind.MISSED, Kind.REMINDER} & {one.kind for one in decision.letters}
        for case in self.world.tickets.values():
            assert all(clock.breached for clock in case.clocks.values() if clock.duty in DEADLINES and overdue(clock, self.world.now))

    def commanded(self, decision, before, text, who):
        """What holds of every mail of one of us."""
        self.seen(decision, before, text)
        answers = [one for one in decision.letters if one.kind in (Kind.ANSWER, Kind.CHALLENGE)]
        if decision.file.kind == "command":
            assert [one.to.handle for one in answers] == [who.handle], "every command mail gets exactly one answer"
        assert len(answers) <= 1
        for answer in (one for one in answers if one.kind is Kind.ANSWER):
            assert all(result["sentence"].strip() for result in answer.facts["results"]), "legal, or refused with a sentence"
            told = {one.ticket_id for one in leaving(decision) if one.kind in TO_REPORTER}
            assert bool(answer.facts["sent"]) is bool(told), "the answer says whether something was sent to the reporter"
            if answer.facts["errors"]:
                self.nothing_was_done(decision, before)

    def nothing_was_done(self, decision, before):
        """A mail with one refused tag changes nothing but for safety and recusal."""
        assert not leaving(decision)
        for number, case in before.items():
            after = self.world.tickets[number]
            assert after == replace(case, **{name: getattr(after, name) for name in CHANGED_BY_REFUSED})
            assert [after.clocks.get(duty) for duty in DEADLINES] == [case.clocks.get(duty) for duty in DEADLINES]
            assert after.lead in (case.lead, None)
            assert after.lead == case.lead or case.lead in after.withheld

    def outside(self, decision, before, text):
        """What comes from outside commands nothing."""
        self.seen(decision, before, text)
        decided = {What.RESOLVED, What.SANCTIONED, What.DETERMINED, What.APPROVED, What.OBJECTED, What.ANSWERED, What.CLOSED, *MADE_BY}
        assert not decided & set(decision.happened)

    def seen(self, decision, before, text):
        """What holds of every decision."""
        Playbook.steps += 1
        for number in self.world.tickets.keys() - self.mark.keys():
            # What was told in person, or an alarm that was about no case its writer can see: that is one itself.
            found = re.search(r"mark\d+q", text)
            self.mark[number], self.quiet[number] = found[0] if found else "an alarm of its own", False
        self.nobody_who_is_kept_out_is_told(decision, before, text)
        self.no_letter_holds_what_must_not_leave(decision)
        self.decisions_have_their_commands(decision, before, text)
        for number, case in before.items():
            entries = [entry for entry, one in entries_of(decision) if one == number]
            self.it_moves_by_the_table(case, entries)
            self.the_week_is_met_as_it_should_be(case, self.world.tickets[number], entries)
        self.carry(decision)

    def carry(self, decision):
        """Letters wait in the outbox, but for those that are withdrawn."""
        out = {(one.ticket_id, one.handle) for one in (*decision.all(Withdraw), *decision.all(Withhold))}
        self.outbox = [one for one in self.outbox if (one.ticket_id, one.to.handle) not in out]
        self.outbox += [one for one in decision.letters if one.ticket_id is not None]

    def nobody_who_is_kept_out_is_told(self, decision, before, text):
        """Nobody who is a party to a case, or recused from it, receives anything of it; to a reporter goes their own case alone."""
        for letter in decision.letters:
            for number, case in self.world.tickets.items():
                about = letter.ticket_id == number
                if letter.kind in TO_A_CONTACT:
                    self.it_holds_nothing_of_the_report(letter, number)
                if letter.kind in TO_REPORTER | TO_OTHERS:
                    assert about or self.mark[number] not in str(letter), "no letter to a reporter holds another reporter's bytes"
                    assert about or case.code not in str(letter.facts)
                    continue
                person = self.world.policy.person(letter.to.handle)
                assert not about or person.address != filed_from(case), "nor is one of us who filed the report told as one of the team"
                if not disclosure.may_know(case, person):
                    assert letter.ticket_id is None or self.incident(letter.ticket_id) != self.incident(number)
                    # Whoever steps back in a mail is answered about that very mail.
                    knew = letter.kind is Kind.ANSWER and number in before and disclosure.may_know(before[number], person)
                    assert knew or case.code in text or case.code not in str(letter) or self.quoted(case.code), letter
                    assert self.mark[number] not in str(letter.facts)
            assert letter.kind in TO_OTHERS or not UNFAIR.search(str(letter.facts)), "the respondent is never called anything else"
            if letter.kind in TO_REPORTER:
                assert letter.to.address == self.world.tickets[letter.ticket_id].reporter.address
                assert not self.quiet[letter.ticket_id], "no letter to a reporter after no-contact"

    def incident(self, number):
        """The case that this one is part of now."""
        return self.world.tickets[number].merged_into or number

    def it_holds_nothing_of_the_report(self, letter, number):
        """A contact, or whoever a sanction was about, learns the person, the measure and the dates, and nothing else of any case."""
        case, said = self.world.tickets[number], str((letter.code, letter.reference, letter.facts))
        assert set(letter.facts) <= TO_A_CONTACT[letter.kind]
        assert not [one for one in (self.mark[number], case.code, case.reference, "shouted", "talked over", *LINES) if one in said]

    def quoted(self, code):
        """Whether somebody wrote the code name into a text of a case: an alarm of its own that named another case."""
        return any(code in said.text for texts in self.world.said.values() for said in texts)

    def no_letter_holds_what_must_not_leave(self, decision):
        """A letter that holds five consecutive words of a note is held; so is a proposal of one."""
        for entry, number in entries_of(decision):
            said = str({name: fact for name, fact in entry.facts.items() if name in ("text", "values")})
            if entry.what is What.PROPOSED:
                said = reason(entry.facts["command"])
            if entry.what in {What.PROPOSED, *INSIDE}:
                self.kept.setdefault(number, set()).update(line for line in LINES if line in said)
        proposed = [
            (str(entry.facts["command"]), number)
            for entry, number in entries_of(decision)
            if entry.what is What.PROPOSED and not reason(entry.facts["command"])
        ]
        # What was noted after it was proposed holds nothing back: two people have read the words that are approved.
        letters = [(str(one.facts), one.ticket_id) for one in leaving(decision) if What.APPROVED not in decision.happened]
        for words, number in (*proposed, *letters):
            kept = set().union(*(lines for one, lines in self.kept.items() if self.incident(one) == self.incident(number)))
            assert not [line for line in kept if line in words]

    def decisions_have_their_commands(self, decision, before, text):
        """No sanction without the command that made it; with two deciders, never by one; no resolution without the five."""
        verbs = {(one.verb, one.value) for one in read(text).commands if isinstance(one, Command)} if text else set()
        for entry, number in entries_of(decision):
            if entry.what is What.RESOLVED:
                assert missing(self.world.tickets[self.incident(number)]) == ()
                assert ("resolve", entry.facts["kind"]) in verbs or "approve" in dict(verbs)
            assert entry.what not in MADE_BY or MADE_BY[entry.what] & dict(verbs).keys(), "nothing of the kind without its command"
            if entry.what is What.SANCTIONED:
                assert entry.facts["kind"] in ("vacation", "ban", "expulsion")
                by_command = ("resolve", entry.facts["kind"]) in verbs or (entry.facts["kind"] == "expulsion" and "expel" in dict(verbs))
                assert by_command or "approve" in dict(verbs)
                assert len({*entry.facts["by"]}) == self.world.policy.approvals, "approvals = 2 needs two different people"
            if entry.what in (What.APPROVED, What.OBJECTED):
                assert entry.by != before[number].proposal.by, "the proposer cannot approve"
                assert entry.by not in before[number].withheld
            assert entry.what is not What.DISMISSED or not before[number].urgent, "an urgent case is not set aside"
            if entry.what is What.PROPOSED:
                assert self.world.policy.approvals == 2
                assert command_from(entry.facts["command"]).verb in ("resolve", "expel", "extend", "reply", "write", "event")

    def it_moves_by_the_table(self, case, entries):
        """One table holds every transition."""
        for entry in entries:
            was, case = case.state, fold(case, [entry])
            assert case.state in reachable(was, MAY_TURN.get(entry.what, set())), (was, entry.what, case.state)

    def the_week_is_met_as_it_should_be(self, case, after, entries):
        """Only a resolution whose letter was accepted, an explanation or an answer by other means satisfies the one-week duty."""
        was, now, happened = case.clocks.get(Duty.RESPOND), after.clocks.get(Duty.RESPOND), {entry.what for entry in entries}
        accepted = {entry.facts["letter"] for entry in entries if entry.what is What.ACCEPTED}
        if was and was.running and not now.running:
            quiet = What.WISHED in happened and case.answer_open  # nobody is left to be written to
            assert happened & ENDS or accepted == {Kind.OUTCOME.value} or quiet
        elif was and was.running and now.due_at > was.due_at:
            explained = Kind.EXPLANATION.value in accepted or (after.no_contact and happened & {What.EXPLAINED, What.WISHED})
            assert explained or (What.LOST in happened and case.postponed)

    @invariant()
    def nothing_goes_with_no_other_resolution(self):
        """Several may be combined; `nothing` with none."""
        for case in self.world.tickets.values():
            kinds = {made.kind for made in case.standing}
            assert "nothing" not in kinds or kinds == {"nothing"}

    @invariant()
    def one_acknowledgement_a_ticket(self):
        """However a case went, its reporter was acknowledged once."""
        acknowledged = [one.ticket_id for one in self.world.letters if one.kind in (Kind.RECEIPT, Kind.RECORD_RECEIPT, Kind.TOO_LARGE)]
        assert len(acknowledged) == len({*acknowledged})

    @invariant()
    def what_was_asked_for_is_honoured(self):
        """Whoever asked for no contact is known to have asked, and nothing waits for them."""
        for number, case in self.world.tickets.items():
            assert case.no_contact is self.quiet[number]
        assert not [one for one in self.outbox if one.kind in TO_REPORTER and self.quiet[one.ticket_id]]

    @invariant()
    def nothing_waits_for_who_is_kept_out(self):
        """What was written before somebody stepped back does not go out after it."""
        for letter in self.outbox:
            if letter.kind not in TO_REPORTER | TO_OTHERS:
                assert letter.to.handle not in self.world.tickets[letter.ticket_id].withheld


def leaving(decision):
    """The letters of a decision that leave the team."""
    return [one for one in decision.letters if one.kind in TO_REPORTER | TO_OTHERS]


def filed_from(case):
    """The address that a report came from: who is kept out of it for that is known here, without asking `disclosure`."""
    return case.reporter.address if case.reporter else ""


def overdue(clock, now):
    """Whether a clock runs and its deadline has passed."""
    return clock.running and clock.due_at <= now


def entries_of(decision):
    """Each entry of a decision with the number of its case."""
    return [(entry, effect.ticket.id) for effect in decision.effects if isinstance(effect, Open | Append) for entry in effect.entries]


def test_the_whole_playbook(capsys):
    """Hostile lives of cases, a few thousand steps in all; more than ten thousand in `make test-deep`, which says how many."""
    deep = settings.default.max_examples > 100
    Playbook.steps = 0
    run_state_machine_as_test(Playbook, settings=settings(max_examples=1_000 if deep else 60, stateful_step_count=50))
    with capsys.disabled():
        print(f"\nthe playbook as a machine: {Playbook.steps} steps")  # noqa: T201 (a figure to read)
    assert not deep or Playbook.steps >= DEEP_STEPS
