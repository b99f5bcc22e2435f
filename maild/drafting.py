"""A transparency report as it would be published now: what the playbook counts, in the words of the templates, against the ledger.

All cases are read for it, with all their texts: when a mail says `[release:…]` or the calendar of an event does, and for nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.clerk import whole
from maild.playbook import disclosure, publishing, transparency
from maild.playbook.events import Said
from maild.playbook.policy import Policy
from maild.playbook.releases import Agreement, Draft
from maild.playbook.saying import said_in
from maild.playbook.ticket import Ticket
from maild.playbook.transparency import Scope
from maild.render import Templates
from maild.store import Work

AT_ONCE = 500
"""Cases read together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """Drafts for one transaction: `cases` are read once for as many as it takes."""

    policy: Policy
    templates: Templates
    work: Work
    cases: Sequence[Ticket]
    released: Sequence[Agreement]
    now: datetime

    def draft(self, name: str, *, learned: str = "") -> Draft | None:
        """The report of this name, with what its people learned; with what was agreed to last where `learned` is empty. None: there is none."""
        scope = transparency.scope_of(name, self.policy)
        if scope is None:
            return None
        latest = self.work.releases.latest(scope.name)
        words = publishing.visible(learned).strip() or (latest.learned if latest else "")
        counted = transparency.incidents(self.cases, scope, self.policy, now=self.now, told=self._told)
        told = transparency.numbers(counted, scope, earlier=[one.numbers for one in self.released])
        files = self.templates.report(told, words)
        hits = tuple(self._hits(scope, files, words, self.cases))
        return Draft(
            report=scope.name,
            title=scope.title,
            numbers=told,
            learned=words,
            files=files,
            out=self.kept_out(scope),
            hinders=tuple(transparency.hinders(scope, counted, told, now=self.now, policy=self.policy)),
            hits=hits,
            blind={handle: tuple(self._hits(scope, files, words, seen)) for handle, seen in self._seen()} if hits else {},
            latest=latest,
        )

    def reports(self) -> dict[str, frozenset[str]]:
        """Every event with who is kept out of a case that is counted in its report."""
        scopes = (transparency.scope_of(one.slug, self.policy) for one in self.policy.conferences)
        return {scope.name: self.kept_out(scope) for scope in scopes if scope is not None}

    def kept_out(self, scope: Scope) -> frozenset[str]:
        """Who is kept out of a case that is counted, or filed it: whoever of us may not know of each of them."""
        told = self._told
        counted = [case for case in self.cases if transparency.incidents([case], scope, self.policy, now=self.now, told=told)]
        return frozenset(one.handle for one in self.policy.everybody if not all(disclosure.may_know(case, one) for case in counted))

    @property
    def _told(self) -> frozenset[str]:
        return frozenset(one.report for one in self.released)

    def _seen(self) -> Iterator[tuple[str, Sequence[Ticket]]]:
        """Who is kept out of any case at all, with those that they may know of."""
        for one in self.policy.everybody:
            seen = [case for case in self.cases if disclosure.may_know(case, one)]
            if len(seen) < len(self.cases):
                yield one.handle, seen

    def _hits(self, scope: Scope, files: Mapping[str, str], own: str, cases: Sequence[Ticket]) -> Iterator[str]:
        known = self.templates.told_of_nobody(transparency.every_tier(scope))
        texts = (said.text for case in cases for thread in case.threads for said in said_of(self.work, thread.id))
        whole_text = "\n".join(files.values())
        return publishing.not_publishable(whole_text, own=own, known=known, tickets=cases, texts=texts, policy=self.policy)


def drafting(work: Work, *, policy: Policy, templates: Templates, now: datetime) -> Drafting:
    """Drafts from what the database holds at this moment."""
    cases = tuple(every_case(work))
    return Drafting(policy=policy, templates=templates, work=work, cases=cases, released=work.releases.released(), now=now)


def every_case(work: Work) -> Iterator[Ticket]:
    """All cases with the threads of all their reporters; what is part of another comes with it."""
    ids = work.tickets.all_ids()
    for first in range(0, len(ids), AT_ONCE):
        for stored in work.tickets.load_many(ids[first : first + AT_ONCE]):
            if stored.survivor_id is None:
                yield whole(work.tickets, stored)


def said_of(work: Work, ticket_id: int) -> Iterator[Said]:
    """The texts of a case in order: mails that came, notes and determinations, letters that left."""
    texts = [*_mails(work, ticket_id), *said_in(work.tickets.load(ticket_id).entries)]
    yield from sorted(texts, key=lambda said: said.at)


def _mails(work: Work, ticket_id: int) -> Iterator[Said]:
    for message in work.messages.of_ticket(ticket_id):
        if message.relation not in ("command", "note", "duplicate"):
            yield Said(relation=message.relation, by=str(message.facts["by"]), at=message.at, text=str(message.facts["text"]))
