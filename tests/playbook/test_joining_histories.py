"""Random lives of several reports that become one case and part again: nobody reads what they are kept out of, no reporter hears of another."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from maild.playbook import disclosure
from maild.playbook.deadlines import Duty
from maild.playbook.effects import Withhold
from maild.playbook.events import Found
from maild.playbook.letters import TO_REPORTER, Kind
from maild.playbook.progress import next_at
from maild.playbook.ticket import State
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DORA, FELIX, NO_VIOLATION, World, policy
from tests.playbook.test_joining import GINA
from tests.playbook.test_secrecy import written

OURS = (ANA, BEN, CARLA, DORA, FELIX, GINA)
REPORTERS = {"kim@reporter.example": "Kimberly", "lee@reporter.example": "Leeland", "max@reporter.example": "Maxime"}

TEXTS = st.sampled_from(
    [
        *(["I saw it.", "There is more.", "Thank you."] * 4),
        *("Ben did it.", "Ana and Ben did it.", "Carla laughed.", "Felix knows them."),
        *("Ana, Ben, Carla and Felix.", "More.\n[anonymous]", "More.\n[no-contact]", "More.\n[contact]", "More.\n[not-to: Carla]"),
    ]
)
TAGS = st.sampled_from(
    [
        *("[take]", "[drop]", "[recuse]", "[recuse:ben]", "[recuse:fallback]", "[unrecuse:ben]", "[unrecuse:ana]", "[unrecuse:fallback]"),
        *(ALL_FIVE, NO_VIOLATION, "[resolve:nothing]", "[resolve:private-reprimand silent]", "[told:P1]", "[close]", "[reopen]"),
        *("[reply]\nWe read it.", "[answered]", "[explain until=2026-11-29]\nWe wait.", "[urgent]", "Only a note.", "[not-a-report:spam]"),
        *("[reply to={ref}]\nWe read it.", "[answered to={ref}]", "[explain until=2026-11-29 to={ref}]\nWe wait.", "[resolve:nothing]"),
        *("[merge:{code}]", "[merge:{code}]", "[merge:{code}]", "[split]", "[split:{code}]", "[status:{code}]", "[show:{code}]"),
        *("[list:open]", "[list:overdue]", '[person:P1 name="Robin"]', "[case:{code}]\n[take]"),
    ]
)
ALONE = st.sampled_from(
    [
        *(["[merge:{code}]"] * 4),
        *("[split]", "[split:{code}]", "[reply to={ref}]\nWe read it.", "[reply]\nWe read it.", "[show]", "[take]", "[recuse]"),
        *(NO_VIOLATION + "[resolve:nothing]", NO_VIOLATION + "[resolve:nothing]\n[reply to={ref}]\nWe read it.", "[close]", "[reopen]"),
        *("[answered to={ref}]", "[explain until=2026-11-29 to={ref}]\nWe wait.", "[urgent]"),
    ]
)
"""What somebody of staff does, one thing in a mail, so that most of it can be done."""

WHO = st.sampled_from([ANA, ANA, ANA, BEN, BEN, CARLA, DORA, FELIX, GINA])
NUMBERS = st.integers(min_value=0, max_value=2)
LETTERS = st.sampled_from([Kind.RECEIPT, Kind.OUTCOME, Kind.EXPLANATION, Kind.REPLY])
SPANS = st.sampled_from([0, 1, 13, 72, 150]).map(lambda hours: timedelta(hours=hours))


class Lives(RuleBasedStateMachine):
    """Three reports by three people, and whatever becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(policy=policy(*OURS))
        self.cases: list[int] = []

    @initialize(texts=st.tuples(TEXTS, TEXTS, TEXTS))
    def begin(self, texts):
        """Three reports come in."""
        for text, (address, name) in zip(texts, REPORTERS.items(), strict=True):
            self.seen(self.world.report(text, sender=address, name=name))
            self.cases.append(self.world.current)

    def ticket(self, number):
        """One of the three, by itself."""
        return self.world.tickets[self.cases[number]]

    @rule(tags=st.lists(TAGS, min_size=1, max_size=3), who=WHO, on=NUMBERS, other=NUMBERS)
    def one_of_us_writes(self, tags, who, on, other):
        """A mail from one of us on the thread of a report, with something about another."""
        named = self.ticket(other)
        text = "\n".join(tag.replace("{code}", named.code).replace("{ref}", named.reference) for tag in tags)
        out = {one.code for one in self.world.tickets.values() if who.handle in self.world.whole(one).withheld}
        decision = self.world.staff(text, who, case=self.ticket(on))
        self.seen(decision)
        self.the_asker(decision, who, out)

    @rule(tag=ALONE, who=st.sampled_from([ANA, BEN]), on=NUMBERS, other=NUMBERS)
    def somebody_works(self, tag, who, on, other):
        """One command, proven, on the thread of a report."""
        self.one_of_us_writes([tag], who, on, other)

    @rule(text=TEXTS, on=NUMBERS, who=NUMBERS, found=st.sampled_from(list(Found)))
    def a_reporter_writes(self, text, on, who, found):
        """A mail on the thread of a report, from its reporter or from another."""
        address = list(REPORTERS)[who]
        self.seen(self.world.wrote(text, of=self.ticket(on), sender=address, found=found))

    @rule(kind=LETTERS, on=NUMBERS, accepted=st.booleans())
    def a_letter_is_settled(self, kind, on, accepted):
        """A letter to a reporter was taken or refused."""
        self.seen((self.world.accepted if accepted else self.world.lost)(kind, of=self.ticket(on)))

    @precondition(lambda self: self.cases)
    @rule(span=SPANS)
    def time_passes(self, span):
        """Every report has its turn."""
        self.world.wait(span)
        for number in range(3):
            self.seen(self.world.tick(of=self.ticket(number)))

    def seen(self, decision):
        """No letter of a decision is for anybody who must not read it."""
        for letter in decision.letters:
            if letter.kind in TO_REPORTER:
                self.one_reporter(letter)
            elif letter.ticket_id is not None:
                self.one_of_us(letter)

    def one_reporter(self, letter):
        """A letter to a reporter is on their own thread, and tells nothing of the others."""
        own = self.world.tickets[letter.ticket_id]
        assert letter.to.address == own.reporter.address
        assert letter.reference == own.reference
        others = [one for one in self.world.tickets.values() if one.reporter and one.reporter.address != letter.to.address]
        facts = written(letter.facts) + letter.in_reply_to + " ".join(letter.references)
        hints = [
            hint for one in others for hint in (one.reference, one.code, one.reporter.name, one.reporter.address, one.reporter.message_id)
        ]
        assert not [hint for hint in hints if hint and hint in facts]

    def one_of_us(self, letter):
        """Whoever of us reads it is kept out of none of the reports in it."""
        case = self.world.whole(self.world.tickets[letter.ticket_id])
        for thread in case.threads:
            assert letter.to.handle not in thread.withheld
        person = self.world.policy.person(letter.to.handle)
        assert disclosure.may_know(case, person)

    def the_asker(self, decision, who, out):
        """What an answer shows, and what it lists, is no case that the asker was kept out of."""
        for letter in decision.letters:
            if letter.to.handle == who.handle and letter.kind is Kind.ANSWER:
                sections = letter.facts["sections"]
                rows = [row for section in sections for row in (section, *section.get("rows", ()), *section.get("reporters", ()))]
                assert not out & {letter.code, *(row.get("code") for row in rows)}

    @invariant()
    def parts_and_wholes_agree(self):
        """A part names its case, and the case has it; both are kept from the same people; the part has no lead and nobody has to take it."""
        for one in self.world.tickets.values():
            if one.merged_into is None:
                assert all(self.world.tickets[joined.id].merged_into == one.id for joined in one.joins)
                continue
            case = self.world.tickets[one.merged_into]
            assert case.merged_into is None
            assert one.id in {joined.id for joined in case.joins}
            assert one.withheld.keys() == case.withheld.keys()
            assert one.lead is None
            assert not one.running(Duty.TAKE)
            assert not one.running(Duty.TAKE_URGENT)

    @invariant()
    def nobody_who_is_out_has_a_token(self):
        """No letter that was sent before lets anybody act on what they are kept out of now."""
        for ticket_id, handle in self.world.tokens.values():
            if ticket_id is not None and handle not in ("reporter", "P1"):
                assert handle not in self.world.tickets[ticket_id].withheld

    @invariant()
    def a_part_is_closed_with_its_case(self):
        """Neither is over without the other, and no week is lost on the way: what is owed has a next step or was missed on record."""
        for one in self.world.tickets.values():
            if one.merged_into is not None and self.world.tickets[one.merged_into].state is State.CLOSED:
                assert one.state is State.CLOSED
            week = one.clocks.get(Duty.RESPOND)
            if week and week.running:
                assert next_at(one, self.world.policy.clocks) is not None

    @invariant()
    def withheld_in_the_history_is_withheld_in_the_store(self):
        """Whoever is kept out of a report by its entries was hidden from by an effect too: lists ask the store."""
        hidden = {(effect.ticket_id, effect.handle) for decision in self.world.decisions for effect in decision.all(Withhold)}
        for one in self.world.tickets.values():
            assert {(one.id, handle) for handle in one.withheld} <= hidden


class TestLives(Lives.TestCase):
    """Run them."""

    settings = settings(stateful_step_count=25)
