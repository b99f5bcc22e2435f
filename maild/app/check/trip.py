"""`maild check --round-trip`: mails to ourselves, awaited in the mailbox, and what became of them.

Three mails: a plain one and one to a plus-address, then one with a forged proof under the name that the first one showed. On the
server nothing is removed or moved: our own mails, and only those, are marked as read. A daemon beside us may move them to `done_folder`,
so they are looked for there, too, and reported as landed where the daemon found them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Final

from maild.app.check.clock import Reading
from maild.app.check.judge import Host, Landed, Observed, Post, proof_of
from maild.app.house import House
from maild.app.world import seed
from maild.config.providers import PROVIDERS
from maild.errors import MailboxAway
from maild.mail import echo
from maild.mail.authenticity import Form
from maild.mail.echo import Probe, Proof
from maild.mail.identity import bounce_address, plus_address
from maild.playbook.fresh import Fresh
from maild.ports import Answer, Fetched, Outcome
from maild.transport.done import KEYWORD
from maild.transport.smtp import SmtpCourier
from maild.transport.survey import ImapSurvey, Listed

SETTLING: Final = 10.0
"""Seconds that a second mail may come later than the first, at least; three times as long as the first took."""
GLANCE: Final = 2.0
"""Seconds between two looks into the Junk folder, of which no server tells while another folder is open."""
LATEST: Final = 50
"""Mails of others whose headers are looked at for the mail host's proofs."""
HEAD: Final = 64 * 1024
"""Bytes fetched of each mail: its headers."""
COPIES: Final = frozenset({"\\all", "\\sent", "\\drafts", "\\flagged", "\\important"})
"""Special uses (RFC 6154, RFC 8457) of folders that hold a mail which never arrived."""
SENT: Final = frozenset({"sent", "sent items", "sent mail", "sent messages"})
"""The same, where a server tells no uses; in lower case."""
RUN_BY: Final = {"gmail.com": "google", "googlemail.com": "google", "outlook.com": "microsoft", "office365.com": "microsoft"}
"""Providers whose proofs are only recognised by who knows them, by the domain of the IMAP server."""
OPEN: Final = Post()
"""Nothing is known of it yet."""


@dataclass(slots=True, kw_only=True)
class _Sent:
    """A test mail on its way; all that changes here is what becomes of it."""

    probe: Probe
    at: float
    sent_at: datetime
    post: Post = OPEN
    lies_in: str = ""
    uid: int = 0

    @property
    def open(self) -> bool:
        return self.post == OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One round trip. `patience` is in seconds; `tell` is given a sentence now and then, for whoever waits."""

    house: House
    mailbox: ImapSurvey
    courier: SmtpCourier
    patience: float
    tell: Callable[[str], None]
    readings: list[Reading] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    def run(self) -> Observed:
        """Send, wait, look. Raises `MaildError` where a server is away or refuses the login."""
        host = self._host()
        witnesses = self._witnesses()
        self.tell(f"Waiting for mails to ourselves, {self.patience:.0f} s at most.")
        done = self._done()
        self._know([self.house.config.imap.folder, *([host.junk] if host.junk else []), *([done] if done else [])])
        plain, plus = self._send(plus=False), self._send(plus=True)
        for share in (1 / 4, 3 / 4):
            self._await([plain], patience=self.patience * share)
            if plain.open:
                self._look_everywhere(plain)
        if plain.post.landed is None:
            self._look([plus])
            return Observed(host=self._marked(host, [plus]), plain=plain.post, witnesses=witnesses, waited=self.patience)
        grace = min(self.patience, max(SETTLING, 3 * plain.post.landed.seconds))
        asked = proof_of(plain.post.landed.echo, witnesses) or self._configured()
        forged = self._send(plus=False, forged=asked) if asked else None
        self._await([plus, *([forged] if forged else [])], patience=grace)
        return Observed(
            host=self._marked(host, [plain, plus, *([forged] if forged else [])]),
            plain=plain.post,
            plus=plus.post,
            forged=forged.post if forged else None,
            witnesses=witnesses,
            waited=self.patience,
        )

    def _host(self) -> Host:
        """What the server says it can do, and which folder maild would watch besides."""
        configured = self.house.config.imap.junk
        junk = self.mailbox.junk() if configured == "auto" else None if configured == "off" else configured
        uses = {one.name: one.uses for one in self.mailbox.folders()}
        return Host(
            capabilities=self.mailbox.capabilities(),
            junk=junk,
            junk_by_use="\\junk" in uses.get(junk or "", frozenset()),
        )

    def _witnesses(self) -> Counter[Proof]:
        """Who vouches for the latest mails of others. Only their headers are read, and nothing of them is kept."""
        known = known_proof(self.house.config.imap.host)
        done = self._done()
        folders = [*([done] if done else []), self.house.config.imap.folder]
        latest = [one for name in folders for one in self.mailbox.latest(self.mailbox.select(name), count=LATEST, size_limit=HEAD)]
        proofs = (echo.witnessed(one.raw, known=known) for one in latest)
        return Counter(proof for proof in proofs if proof is not None)

    def _done(self) -> str | None:
        """The folder that a daemon moves mail to, by its name on this server; None where there is none yet."""
        return self.mailbox.placed(self.house.config.imap.done_folder)

    def _configured(self) -> Proof | None:
        authentication = self.house.config.authentication
        return Proof(authserv_id=authentication.authserv_id, form=self.house.form) if authentication.authserv_id else None

    def _know(self, folders: Iterable[str]) -> None:
        """Remember where each folder ends: what comes later may be ours."""
        for name in folders:
            folder = self.mailbox.select(name)
            self._known[name] = folder.uidnext - 1 if folder.uidnext else max(self.mailbox.uids_above(0), default=0)

    def _send(self, *, plus: bool, forged: Proof | None = None) -> _Sent:
        sender, sent_at = self.house.sender, self.house.clock()
        token = Fresh(seed()).token("check")
        probe = echo.probe(
            token,
            sender=sender,
            recipient=plus_address(sender.mailbox, token) if plus else sender.mailbox,
            # As letters have it where plus_addressing is on: a host that takes no such sender takes no letter.
            envelope_sender=bounce_address(sender.mailbox, token) if plus else sender.mailbox,
            date=sent_at,
            forged=forged,
        )
        answer = self._offered(probe)
        refused = answer.outcome in {Outcome.FAILED, Outcome.DEFERRED}
        return _Sent(probe=probe, at=monotonic(), sent_at=sent_at, post=Post(refusal=f"{answer.code} {answer.text}" if refused else ""))

    def _offered(self, probe: Probe) -> Answer:
        offer = self.courier.offer(probe.parcel)
        return offer if isinstance(offer, Answer) else offer.send()

    def _await(self, sent: Sequence[_Sent], *, patience: float) -> None:
        """Look until all of them are accounted for, or the time is up."""
        until = monotonic() + patience
        while any(one.open for one in sent):
            self._look(sent)
            left = until - monotonic()
            if left <= 0:
                return
            if any(one.open for one in sent):
                self.mailbox.wait(min(GLANCE, left))

    def _look(self, sent: Sequence[_Sent]) -> None:
        """Once into each folder, the main one last: it is the one in which the server tells of news."""
        done = self._done()
        if done and done not in self._known:  # a daemon made it for the first mail that it moved
            self._known[done] = 0
        for name in reversed(self._known):
            self.mailbox.select(name)
            uids = self.mailbox.uids_above(self._known[name])
            for fetched in self.mailbox.fetch(uids[-LATEST:], size_limit=HEAD):
                self._recognise(fetched, sent)

    def _recognise(self, fetched: Fetched, sent: Sequence[_Sent]) -> None:
        for one in sent:
            if not one.open:
                continue
            found = echo.echo_of(fetched.raw, one.probe)
            if found is not None:
                one.lies_in, one.uid = fetched.source.folder, fetched.source.uid
                one.post = Post(landed=self._landed(fetched, one, found))
            elif echo.returns(fetched.raw, one.probe):
                one.post = Post(returned=True)

    def _landed(self, fetched: Fetched, sent: _Sent, found: echo.Echo) -> Landed:
        seconds, now = monotonic() - sent.at, self.house.clock()
        self.readings.append(Reading(source="the IMAP server", theirs=fetched.received_at, earliest=sent.sent_at, latest=now))
        imap = self.house.config.imap
        folder = imap.folder if fetched.source.folder == self._done() else fetched.source.folder
        return Landed(folder=folder, seconds=seconds, received_at=fetched.received_at, echo=found)

    def _look_everywhere(self, sent: _Sent) -> None:
        """At the end of every other folder: a filter may have put it there. A copy among what was sent tells nothing."""
        for listed in self.mailbox.folders():
            if sent.open and listed.name not in self._known and not _holds_copies(listed):
                for fetched in self.mailbox.latest(self.mailbox.select(listed.name), count=LATEST, size_limit=HEAD):
                    self._recognise(fetched, [sent])
        if sent.post.landed is not None:
            self._know([sent.post.landed.folder])

    def _marked(self, host: Host, sent: Sequence[_Sent]) -> Host:
        """Mark our own mails as read, and learn from one whether a keyword is kept. Somebody else's mailbox may not let us."""
        mailbox = ImapSurvey(replace(self.house.imap_settings, read_only=False))
        try:
            for one in sent:
                uid = self._read(mailbox, one) if one.post.landed else None
                keyword = _takes_keyword(mailbox, uid) if uid else None
                if keyword is not None:
                    host = replace(host, keyword=keyword, permanent_flags=mailbox.permanent_flags)
        except MailboxAway:  # SELECT is refused where a login may only read
            return replace(host, keyword=False)
        finally:
            mailbox.close()
        return host

    def _read(self, mailbox: ImapSurvey, sent: _Sent) -> int | None:
        """Mark it as read, in the folder in which it lies now, which stays open: its UID there, None where it has gone."""
        mailbox.select(sent.lies_in)
        if mailbox.mark(sent.uid, "\\Seen") is not None:
            return sent.uid
        done = self._done()
        if done is None:
            return None
        mailbox.select(done)  # since it was seen, a daemon has moved it
        moved = mailbox.fetch(mailbox.uids_above(self._known.get(done, 0))[-LATEST:], size_limit=HEAD)
        uid = next((one.source.uid for one in moved if echo.echo_of(one.raw, sent.probe) is not None), None)
        return uid if uid and mailbox.mark(uid, "\\Seen") is not None else None


def known_proof(host: str) -> Proof | None:
    """What our own table of providers says of the mail host."""
    word = next((word for domain, word in RUN_BY.items() if f".{host.lower()}".endswith(f".{domain}")), None)
    if word is None:
        return None
    settled = PROVIDERS[word].authentication
    return Proof(authserv_id=str(settled["authserv_id"]), form=Form(settled["form"]))


def _takes_keyword(mailbox: ImapSurvey, uid: int) -> bool | None:
    flags = mailbox.mark(uid, KEYWORD)
    if flags is None:
        return None
    kept = KEYWORD.lower() in {flag.lower() for flag in flags}
    if kept:
        mailbox.unmark(uid, KEYWORD)
    return kept


def _holds_copies(listed: Listed) -> bool:
    return bool(listed.uses & COPIES) or listed.name.lower().rpartition("/")[2].rpartition(".")[2] in SENT
