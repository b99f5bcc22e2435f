"""From what became of mails to ourselves to findings and to lines of config.toml. Pure: every case is a row of a test's table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from maild.app.check.finding import Finding, Setting, fault, note, ok
from maild.mail.authenticity import Form, writes_below
from maild.mail.echo import Echo, Fate, Proof
from maild.transport.done import KEYWORD

SLOW = 60.0
"""Seconds after which a mail to oneself is slow."""
FEWEST_WITNESSES = 3
"""Mails of others that must agree before they count for more than our own."""

TRIP, PROOF, PLUS, JUNK, HOST = "round trip", "authserv-id", "plus-addressing", "junk", "mail host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What the configuration says now."""

    authserv_id: str
    form: Form
    plus_addressing: bool
    folder: str
    junk: str
    poll_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """Where and when a test mail arrived, `seconds` after the SMTP server took it."""

    folder: str
    seconds: float
    received_at: datetime
    echo: Echo


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What became of one test mail: it landed, was refused by the SMTP server (its words), came back as a delivery report, or is lost."""

    landed: Landed | None = None
    refusal: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What the IMAP server says of itself. `keyword` is whether it took one: None where no mail of ours was there.

    `permanent_flags` is None where the server tells nothing of them; then all can be kept (RFC 9051 section 7.1).
    """

    capabilities: frozenset[str]
    junk: str | None
    junk_by_use: bool
    keyword: bool | None = None
    permanent_flags: frozenset[str] | None = None

    @property
    def keeps_keywords(self) -> bool:
        """A keyword beyond PERMANENTFLAGS may be taken and lasts no longer than the connection."""
        permanent = self.permanent_flags is None or not self.permanent_flags.isdisjoint({"\\*", KEYWORD.lower()})
        return bool(self.keyword) and permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that a round trip saw. `witnesses` counts who vouches for the latest mails of others; `waited` is in seconds."""

    host: Host
    plain: Post
    plus: Post = Post()
    forged: Post | None = None
    witnesses: Mapping[Proof, int] = field(default_factory=dict)
    waited: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What to say, and what to write."""

    findings: tuple[Finding, ...]
    settings: tuple[Setting, ...]


def judge(seen: Observed, present: Present) -> Judgement:
    """What the operator has to know and to do."""
    told: list[Finding | Setting] = [*_trip(seen, present), *_junk(seen, present), *_host(seen.host, present)]
    if seen.plain.landed is not None:
        told += [*_plus(seen, present), *_proof(seen, present)]
    findings = tuple(one for one in told if isinstance(one, Finding))
    return Judgement(findings=findings, settings=tuple(one for one in told if isinstance(one, Setting)))


def proof_of(echo: Echo, witnesses: Mapping[Proof, int]) -> Proof | None:
    """Who proves senders here: what most of the mails of others show, where they are enough; else what our own showed."""
    most = max(witnesses, key=lambda proof: witnesses[proof], default=None)
    if most is not None and witnesses[most] >= FEWEST_WITNESSES and witnesses[most] * 2 > sum(witnesses.values()):
        return most
    return echo.proof or most


def _trip(seen: Observed, present: Present) -> Iterator[Finding]:
    landed = seen.plain.landed
    if landed is None:
        yield fault(TRIP, _lost(seen.plain, seen.waited))
        return
    yield _arrived(landed, watched=landed.folder in (present.folder, seen.host.junk))
    yield from _kept(landed.echo, answered_by_plus=seen.plus.landed is not None)


def _arrived(landed: Landed, *, watched: bool) -> Finding:
    if not watched:  # found after all of the waiting, which says nothing of when it came
        return note(TRIP, f"a mail to ourselves arrived in {landed.folder}.")
    when = f"{landed.seconds:.1f} s after the SMTP server took it"
    slow = " That is slow: reporters wait as long." if landed.seconds > SLOW else ""
    return (note if slow else ok)(TRIP, f"a mail to ourselves arrived in {landed.folder} {when}.{slow}")


def _lost(post: Post, waited: float) -> str:
    if post.refusal:
        return f"the SMTP server refuses a mail from the mailbox to itself ({post.refusal}); it has to be a real mailbox that this login may use."
    if post.returned:
        return "a mail from the mailbox to itself came back as undeliverable; read the report in the mailbox, it says why."
    return (
        f"a mail to ourselves did not arrive within {waited:.0f} s, though the SMTP server took it. Likely reasons: organisation.mailbox is"
        " a group or an alias of another mailbox than [imap] opens; a filter deletes or quarantines it; it waits in the queue of the SMTP"
        " server (look there); the mail host is slow (try --patience 600)."
    )


def _kept(echo: Echo, *, answered_by_plus: bool) -> Iterator[Finding]:
    if echo.message_id_kept:
        yield ok(TRIP, "our Message-ID is kept: answers find their case by it.")
    else:
        yield note(TRIP, f"the mail host writes another Message-ID: {_without_ids(answered_by_plus=answered_by_plus)}")
    if not echo.sender_kept:
        yield fault(
            TRIP,
            "the mail host writes another From than organisation.mailbox, so answers would go elsewhere; let this login send as the"
            ' mailbox (Google: "Send mail as"; Microsoft: "Send as"), or log in as the mailbox itself.',
        )
    if not echo.mark_kept:
        yield fault(TRIP, "the mail host removes our X-Maild-Loop header, which stops mail loops; ask it to leave headers alone.")


def _without_ids(*, answered_by_plus: bool) -> str:
    if answered_by_plus:
        return "with plus_addressing = true answers find their case all the same."
    return (
        "answers find their case by the code in the Subject only, and each decision takes a [confirm:CODE]; a host that keeps it is better."
    )


def _plus(seen: Observed, present: Present) -> Iterator[Finding | Setting]:
    landed = seen.plus.landed
    if landed is not None and landed.folder == present.folder:
        yield ok(PLUS, "mail to mailbox+anything@ reaches the mailbox, and may be sent from there.")
        if not present.plus_addressing:
            yield Setting(table="smtp", key="plus_addressing", value=True)
        return
    reason = _no_plus(seen.plus)
    if present.plus_addressing:
        yield fault(
            PLUS, f"{reason}, and plus_addressing = true: answers would be lost. Switch it off, or let the mail host take such mail."
        )
        yield Setting(table="smtp", key="plus_addressing", value=False)
    else:
        yield note(PLUS, f"{reason}; answers are told apart by Message-ID.")


def _no_plus(post: Post) -> str:
    if post.refusal:
        return f"the SMTP server refuses mail from or to mailbox+anything@ ({post.refusal})"
    if post.landed is not None:
        return f"mail to mailbox+anything@ is put into {post.landed.folder}"
    return "mail to mailbox+anything@ " + ("comes back as undeliverable" if post.returned else "does not arrive")


def _proof(seen: Observed, present: Present) -> Iterator[Finding | Setting]:
    assert seen.plain.landed is not None
    found = proof_of(seen.plain.landed.echo, seen.witnesses)
    now = Proof(authserv_id=present.authserv_id.lower(), form=present.form)
    if found is None:
        yield _unproven(now)
        return
    if _forged_fate(seen.forged) is Fate.BELIEVED:
        yield from _open_to_forgery(found, now)
        return
    yield _trusted(found, _forged_fate(seen.forged))
    if found != now:
        yield _other(found, now)
        yield from _settings(found, now)


def _forged_fate(post: Post | None) -> Fate:
    """A forged mail that is refused or never arrives does no harm."""
    return post.landed.echo.forged if post and post.landed else Fate.STRIPPED


def _unproven(now: Proof) -> Finding:
    seen = "no mail here bears an Authentication-Results of the mail host"
    if now.authserv_id:
        return note(PROOF, f"{seen}, so nothing shows whether {now.authserv_id} is right; try again when mail from outside has come.")
    return note(PROOF, f"{seen}; leave authserv_id empty, then each decision by mail takes a [confirm].")


def _open_to_forgery(found: Proof, now: Proof) -> Iterator[Finding | Setting]:
    reason = (
        f"anybody can write an Authentication-Results of {found.authserv_id} that maild would believe: the mail host does not remove it"
    )
    if now.authserv_id == found.authserv_id:
        yield fault(PROOF, f"{reason} (RFC 8601 section 5). Empty authserv_id until it does.")
        yield Setting(table="authentication", key="authserv_id", value="")
    else:
        yield note(PROOF, f"{reason} (RFC 8601 section 5). Leave it out; each decision by mail then takes a [confirm].")


def _trusted(found: Proof, fate: Fate) -> Finding:
    name = found.authserv_id if found.form is Form.RFC8601 else f"{found.authserv_id} (Microsoft's form, without an id)"
    if fate is Fate.STRIPPED:
        return ok(PROOF, f"the mail host proves senders as {name}, and removes or refuses a forged proof.")
    if writes_below(found.authserv_id):
        return note(
            PROOF, f"the mail host proves senders as {name}; it removes forged proofs of mail from outside, which this mail was not."
        )
    return ok(PROOF, f"the mail host proves senders as {name}; a forged proof stays in the mail, where maild does not believe it.")


def _other(found: Proof, now: Proof) -> Finding:
    if not now.authserv_id:
        return note(
            PROOF, "authserv_id is empty: with the line below staff decide in one mail, without it each decision takes a [confirm]."
        )
    return fault(PROOF, "authserv_id or form says otherwise, so maild believes no proof and asks back for each decision; correct the line.")


def _settings(found: Proof, now: Proof) -> Iterator[Setting]:
    if found.authserv_id != now.authserv_id:
        yield Setting(table="authentication", key="authserv_id", value=found.authserv_id)
    if found.form is not now.form:
        yield Setting(table="authentication", key="form", value=found.form.value)


def _junk(seen: Observed, present: Present) -> Iterator[Finding | Setting]:
    landed, junk = seen.plain.landed, seen.host.junk if present.junk == "auto" else present.junk
    if seen.host.junk is not None:
        found = "found by its special use" if seen.host.junk_by_use else "found by its name"
        how = found if present.junk == "auto" else "as [imap] junk says"
        yield ok(JUNK, f"the mail host's Junk folder is {seen.host.junk}, {how}.")
    if landed is None or landed.folder == present.folder:
        return
    if landed.folder != junk and junk != "off":
        yield fault(
            JUNK, f"our own mail was put into {landed.folder}, which maild does not watch: reports may lie there. Set the line below."
        )
        yield Setting(table="imap", key="junk", value=landed.folder)
    yield note(
        JUNK,
        f"our own mail was taken for spam and put into {landed.folder}; letters to others may be, too: see to SPF, DKIM and DMARC of the domain.",
    )


def _host(host: Host, present: Present) -> Iterator[Finding]:
    can = host.capabilities
    if "IDLE" in can:
        yield ok(HOST, "tells of new mail at once (IDLE).")
    else:
        yield note(HOST, f"does not tell of new mail (no IDLE): maild looks every {present.poll_seconds:g} s.")
    if not {"MOVE", "UIDPLUS"}.isdisjoint(can):
        yield ok(HOST, f"can move a mail for good ({'MOVE' if 'MOVE' in can else 'UIDPLUS'}).")
    else:
        yield note(HOST, 'has neither MOVE nor UIDPLUS: `after = "move"` is not for this mailbox.')
    if host.keeps_keywords:
        yield ok(HOST, f"keeps keywords ({KEYWORD}).")
    elif host.keyword is not None:
        yield note(HOST, 'keeps no keywords of our own: `after = "flag"` is not for this mailbox.')
