"""A ledger of transparency reports for tests: drafts of a few words, and agreements that are remembered."""

from copy import deepcopy
from dataclasses import dataclass, field, replace

from maild.playbook import reporting
from maild.playbook.decide import numbered
from maild.playbook.effects import Agree, Release
from maild.playbook.events import Found, Thread, Waiting
from maild.playbook.letters import Letter
from maild.playbook.people import Person
from maild.playbook.releases import Agreement, Draft
from maild.playbook.reporting import Owed
from tests.playbook.cases import ANA, PROOF, PYCON, Decision, World, mail, policy

NAMES = ("report.md", "report.html", "report.txt", "numbers.json", "numbers.csv")


def drafted(learned: str = "", *, count: int = 0, **changes: object) -> Draft:
    """A report of so many incidents."""
    files = {name: f"{name}: {count} incidents. {learned}\n" for name in NAMES}
    plain = {"report": "pycon-2026", "title": "PyCon Malta 2026", "numbers": {"incidents": count}, "learned": learned, "files": files}
    return Draft(**{**plain, **changes})


@dataclass
class Ledger:
    """What an organisation agreed to so far; `count` and the rest is how the report stands now."""

    world: World = field(default_factory=lambda: World(policy=policy(approvals=1)))
    count: int = 0
    out: frozenset[str] = frozenset()
    hinders: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    blind: dict[str, tuple[str, ...]] = field(default_factory=dict)
    made: list[Agreement] = field(default_factory=list)

    def draft(self, learned: str = "") -> Draft:
        """The report as it would be looked up for a mail with this text."""
        latest = self.made[-1] if self.made else None
        words = learned or (latest.learned if latest else "")
        return drafted(words, count=self.count, out=self.out, hinders=self.hinders, hits=self.hits, blind=self.blind, latest=latest)

    def says(self, text: str, who: Person = ANA, **changes: object) -> Decision:
        """Somebody answers the letter with the draft."""
        learned = text.partition("]")[2].strip()
        thread = changes.pop("thread", self.world_thread(who))
        proof = changes.pop("proof", PROOF)
        values = {
            "sender": who.address,
            "name": who.name,
            "received_at": self.world.now,
            "proof": proof,
            "references": ("draft@club.example",),
        }
        drafts = {"pycon-2026": self.draft(learned)}
        reports = {"pycon-2026": self.out, "autumn": frozenset({"ben"})}
        found = self.world.arrive(mail(text, **{**values, **changes}), thread=thread, drafts=drafts, reports=reports)
        return self.remembered(found)

    def confirms(self, who: Person) -> Decision:
        """Somebody confirms the newest mail that waits."""
        token, (holder, waited) = self.world.asked.popitem()
        assert holder == who.handle
        answer = mail(f"[confirm:{token}]", sender=who.address, received_at=self.world.now)
        drafts = {"pycon-2026": self.draft(waited.command_text.partition("]")[2].strip())}
        return self.remembered(self.world.arrive(answer, waiting=Waiting(mail=waited, thread=None, token=token), drafts=drafts))

    def world_thread(self, who: Person) -> Thread:
        """The thread of a letter about no case that went to this person."""
        return Thread(ticket=None, found=Found.TOKEN, token="t" * 26, holder=who.handle)

    def reminded(self, days: int) -> Decision:
        """The letters of so many days after the event."""
        scene = self.world.scene()
        return Decision(numbered(reporting.letters(Owed(event=PYCON, days=days), self.draft(), scene), scene))

    def played(self, text: str, letter: Letter) -> dict[str, object]:
        """What the answer says when the one whom a letter went to sends this as their answer to it."""
        who = self.world.policy.person(letter.to.handle)
        assert who is not None
        return deepcopy(self).says(text, who).answer

    def remembered(self, found: Decision) -> Decision:
        """Write down what was decided."""
        for one in found.all(Agree):
            self.made.append(replace(one.agreement, id=len(self.made) + 1))
        for one in found.all(Release):
            assert self.made[-1].id == one.row
            self.made[-1] = replace(self.made[-1], second=one.second, released_at=self.world.now)
        return found
