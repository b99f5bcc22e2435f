"""Puts the house together, piece by piece and each only when it is asked for: `maild status` needs no mail server."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from threading import Event

from maild.app.keyfile import decoded, make_key, read_key
from maild.app.tokens import Tokens, tokens_of
from maild.app.world import Clock, chance, seed, sources
from maild.clerk import Clerk
from maild.config import Config
from maild.config.servers import Imap, Smtp
from maild.errors import SchemaMismatch
from maild.jobs.casework import Casework
from maild.jobs.casework.scene import SceneBuilder
from maild.jobs.delivery import Delivery
from maild.jobs.digest import Digest
from maild.jobs.intake import Intake
from maild.jobs.merging import Merging
from maild.jobs.reminders import Reminders
from maild.jobs.watch import Watch
from maild.mail.authenticity import Form
from maild.mail.compose import Sender
from maild.mail.identity import Own
from maild.mail.reading import Reader
from maild.playbook.people import normalise
from maild.playbook.policy import Policy
from maild.ports import Courier, Mailbox
from maild.render import Templates
from maild.store import Person, Store, has_schema, is_sealed, open_store
from maild.transport.attempts import no_other
from maild.transport.imap import ImapMailbox, ImapSettings
from maild.transport.smtp import SmtpCourier, SmtpSettings

GRACE = timedelta(hours=1)
"""The mail server's clock may be behind ours, and INTERNALDATE knows no fractions: better an old mail answered than a new one left alone."""

BEGAN = "began"
"""The appointment that is kept once: the very first start."""


@dataclass(frozen=True, kw_only=True)
class House:
    """All objects of one installation. `arrived` and `enqueued` are set after the commits that concern the other threads."""

    config: Config
    clock: Clock = field(default_factory=Clock)
    stop: Event = field(default_factory=Event)
    arrived: Event = field(default_factory=Event)
    """Casework has something to do."""
    enqueued: Event = field(default_factory=Event)
    """Delivery has something to do."""

    @cached_property
    def policy(self) -> Policy:
        """The organisation's own decisions."""
        return self.config.policy()

    @cached_property
    def key(self) -> bytes:
        """The key of the database. Raises `KeyFileInvalid`, `SecretUnreadable`."""
        credential = self.config.database.key
        if credential is not None:
            return decoded(credential.reveal(), of=f"The credential of {credential.key}")
        return read_key(self.config.database.key_file)

    @cached_property
    def store(self) -> Store:
        """The database. Raises `SchemaMismatch`, `DatabaseUnsafe`, `KeyFileInvalid`, `StoreAway`."""
        if not has_schema(self.config.database.opened_url()):
            raise SchemaMismatch("There is no database yet: the first `maild run` makes it, with its key file.")
        opened_url = self.config.database.opened_url
        return open_store(opened_url(), key=self.key, sources=sources(), renewed=opened_url)

    def knock(self) -> None:
        """Ask the database whether it lets us in. Raises `StoreAway`, `LoginRefused`, `CertificateRefused`, `SecretUnreadable`."""
        has_schema(self.config.database.opened_url())

    def prepare(self) -> None:
        """At the first start: make the key file and the database. Raises `OperatorMustAct` where that would be unsafe.

        A start that was killed half-way is a first start again: it is the database that counts, not the file.
        """
        url = self.config.database.opened_url()
        there = has_schema(url)
        if there and self.config.database.auto_upgrade:
            from maild.store.upgrade import upgrade

            upgrade(url)
        if not (there and is_sealed(url)):
            self._furnish_key()
        if not there:
            open_store(url, key=self.key, sources=sources(), create=True).close()

    def _furnish_key(self) -> None:
        """Nothing is sealed yet, so a new key does no harm; a credential is for its owner to make."""
        key_file = self.config.database.key_file
        if self.config.database.key is None and not key_file.exists():
            key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            make_key(key_file)

    def sync_people(self) -> None:
        """Tell the database who is who."""
        people = [
            Person(handle=one.handle, role=one.role.value, active=one.active, address=normalise(one.address)) for one in self.policy.people
        ]
        with self.store.begin() as work:
            work.people.sync(people)

    @cached_property
    def began(self) -> datetime:
        """An hour before maild was started for the very first time: from then on mail is answered where the configuration names no day."""
        with self.store.read() as work:
            first = work.slots.latest(BEGAN)
        if first is None:
            first = (self.clock() - GRACE).isoformat()
            with self.store.begin() as work:
                work.slots.claim(BEGAN, slot=first, now=self.clock(), seed=seed())
        return datetime.fromisoformat(first)

    @cached_property
    def sender(self) -> Sender:
        """Who our letters come from."""
        return Sender(
            name=self.policy.organisation,
            mailbox=self.policy.mailbox,
            plus_addressing=self.config.smtp.plus_addressing,
            loop_key=self._loop_key,
        )

    @cached_property
    def _loop_key(self) -> bytes:
        return hmac.digest(self.key, b"loop", hashlib.sha256)

    @cached_property
    def own(self) -> Own:
        """What a reader of mail has to know of us."""
        return Own(
            mailbox=self.policy.mailbox,
            separator=self.policy.separator,
            loop_key=self._loop_key,
            authserv_id=self.config.authentication.authserv_id,
            authserv_form=self.form,
        )

    @property
    def form(self) -> Form:
        """How the receiving server writes Authentication-Results."""
        return Form(self.config.authentication.form)

    @cached_property
    def templates(self) -> Templates:
        """All letters."""
        return Templates(self.policy, override=self.config.letters.templates)

    @cached_property
    def clerk(self) -> Clerk:
        """Who writes decisions down."""
        return Clerk(policy=self.policy, templates=self.templates, sender=self.sender)

    @cached_property
    def reader(self) -> Reader:
        """The reader child; it starts when it is woken, or with the first mail."""
        return Reader(self.own)

    @property
    def imap_settings(self) -> ImapSettings:
        """Where the mailbox is and how to talk to it."""
        imap = self.config.imap
        return ImapSettings(
            host=imap.host,
            port=imap.port,
            tls=imap.tls,
            username=imap.username,
            password=self._secret(imap),
            auth=imap.auth,
            instead_of=self._other(imap),
            ca_file=imap.ca_file,
            connect_timeout=imap.connect_seconds.total_seconds(),
            read_timeout=imap.read_seconds.total_seconds(),
            operation_timeout=imap.operation_seconds.total_seconds(),
        )

    @cached_property
    def tokens(self) -> Tokens:
        """The access tokens of both mail servers."""
        return tokens_of(self.config.oauth, store=lambda: self.store, clock=self.clock)

    def _secret(self, server: Imap | Smtp) -> Callable[[], str]:
        if server.auth == "xoauth2":
            return self.tokens.token
        return server.password.reveal if server.password else str

    def _other(self, server: Imap | Smtp) -> Callable[[str], str | None]:
        return self.tokens.instead_of if server.auth == "xoauth2" else no_other

    @cached_property
    def mailbox(self) -> Mailbox:
        """The mailbox; connects with the first question."""
        read_only = self.config.imap.after == "keep"
        return ImapMailbox(replace(self.imap_settings, read_only=read_only))

    @property
    def smtp_settings(self) -> SmtpSettings:
        """Where letters leave, and how."""
        smtp = self.config.smtp
        return SmtpSettings(
            host=smtp.host,
            port=smtp.port,
            tls=smtp.tls,
            username=smtp.username or None,
            password=self._secret(smtp),
            auth=smtp.auth,
            instead_of=self._other(smtp),
            ca_file=smtp.ca_file,
            local_hostname=self.policy.mailbox.rpartition("@")[2],
            connect_timeout=smtp.connect_seconds.total_seconds(),
            command_timeout=smtp.command_seconds.total_seconds(),
            dot_timeout=smtp.dot_seconds.total_seconds(),
        )

    @cached_property
    def courier(self) -> Courier:
        """The courier; connects with the first letter."""
        return SmtpCourier(self.smtp_settings)

    @cached_property
    def intake(self) -> Intake:
        """Mailbox to inbox."""
        imap = self.config.imap
        return Intake(
            mailbox=self.mailbox,
            store=self.store,
            account=self.policy.mailbox,
            folder=imap.folder,
            junk=imap.junk,
            since=imap.since or self.began,
            older_imported=imap.older == "import",
            size_limit=imap.size_limit,
            clock=self.clock,
            seed=seed,
            taken=self.arrived.set,
            after=imap.after,
            done_folder=imap.done_folder,
        )

    @cached_property
    def casework(self) -> Casework:
        """Inbox to tickets and outbox."""
        return Casework(
            store=self.store,
            reader=self.reader,
            own=self.own,
            scenes=SceneBuilder(
                policy=self.policy, authserv_id=self.config.authentication.authserv_id, form=self.form, templates=self.templates
            ),
            clerk=self.clerk,
            clock=self.clock,
            seed=seed,
            written=self.enqueued.set,
        )

    @cached_property
    def delivery(self) -> Delivery:
        """Outbox to courier."""
        return Delivery(
            store=self.store,
            courier=self.courier,
            limits=self.policy.limits,
            clock=self.clock,
            chance=chance,
            stop=self.stop,
            merge=Merging(store=self.store, clerk=self.clerk, clock=self.clock, seed=seed).run,
            settled=self.arrived.set,
        )

    @cached_property
    def reminders(self) -> Reminders:
        """The ladders."""
        return Reminders(store=self.store, clerk=self.clerk, clock=self.clock, seed=seed)

    @cached_property
    def digest(self) -> Digest:
        """The weekly letter."""
        return Digest(store=self.store, clerk=self.clerk, clock=self.clock, seed=seed)

    @cached_property
    def watch(self) -> Watch:
        """The invariants."""
        return Watch(store=self.store, clerk=self.clerk, clock=self.clock, seed=seed)

    def close(self) -> None:
        """Let go of what was opened."""
        for name in ("mailbox", "courier", "reader", "store"):
            if name in self.__dict__:
                self.__dict__[name].close()
