"""`maild login`: somebody consents once, in whatever browser they have, and from then on maild renews its access tokens by itself."""

import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from maild.app.house import House
from maild.app.tokens import client_of, named
from maild.errors import LoginRefused, TokenAway

if TYPE_CHECKING:
    from maild.transport.oauth import Client, Grant

LONGEST_WAIT = 1800.0
"""Seconds that a consent is waited for: nobody sits there any longer."""
SHORTEST_PAUSE = 1.0
"""Seconds between two questions whether somebody has consented; a provider asks for five."""

SLOWER = 5.0
"""Seconds by which to slow down where the provider does not answer for now (RFC 8628 section 3.5)."""

Say = Callable[[str], None]
"""How the person at the terminal is told something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a login has brought. `until` is when the first token ends; None where nobody had to consent."""

    provider: str
    scope: str = ""
    until: datetime | None = None


def login(house: House, *, say: Say, pause: Callable[[float], None] = time.sleep) -> Granted:
    """Get whatever the configuration asks for: a consent, or proof that tokens come without one.

    Raises `TokenAway`, `LoginRefused`, `CertificateRefused`, `SecretUnreadable`, `SchemaMismatch` and whatever opening the database raises.
    """
    oauth = house.config.oauth
    if not house.config.uses_tokens:
        raise LoginRefused('Neither [imap] nor [smtp] has auth = "xoauth2", so there is nothing to consent to.')
    if oauth.provider == "command" or oauth.grant == "client_credentials":
        house.tokens.token()
        return Granted(provider=oauth.provider)
    with house.store.read():  # before anybody is asked: is there a place to keep the answer?
        pass
    client = client_of(oauth)
    grant = _by_device(client, say=say, pause=pause) if client.endpoints.device_url else _by_browser(client, house, say=say)
    return _kept(house, client, grant)


def _kept(house: House, client: "Client", grant: "Grant") -> Granted:
    name, now = client.endpoints.name, house.clock()
    missing = _missing(asked=client.endpoints.scope, granted=grant.scope)
    if missing:
        raise LoginRefused(f"{name} granted less than maild needs ({missing} is missing): run `maild login` again and tick every box.")
    if grant.refresh_token is None:
        raise LoginRefused(f"{name} gave a token that cannot be renewed; check the kind of application behind [oauth] client_id.")
    with house.store.begin() as work:
        work.consents.keep(named(client), refresh_token=grant.refresh_token, now=now)
    return Granted(provider=name, scope=grant.scope, until=now + timedelta(seconds=grant.seconds))


def _missing(*, asked: str, granted: str) -> str:
    """The first permission that was not given. Who answers nothing has given all (RFC 6749 section 5.1)."""
    # That a consent lasts is told by its refresh token, and no provider lists it among the permissions.
    needed = [scope for scope in asked.split() if scope != "offline_access"]
    given = {_leaf(scope) for scope in granted.split()}
    return next((scope for scope in needed if given and _leaf(scope) not in given), "")


def _leaf(scope: str) -> str:
    """A permission without the host that it is spelt with: Microsoft has two for one."""
    return scope.rstrip("/").rpartition("/")[2].lower()


def _by_device(client: "Client", *, say: Say, pause: Callable[[float], None]) -> "Grant":
    """RFC 8628: a page and a code for any device; we ask until somebody has been there."""
    device = client.invite()
    say(f"Open this page on any device, and log in there as the mailbox:\n\n    {device.address}\n\nand type in this code:\n")
    say(f"    {device.user_code}\n\nmaild waits ...")
    interval, until = max(device.interval, SHORTEST_PAUSE), time.monotonic() + min(device.seconds, LONGEST_WAIT)
    while time.monotonic() < until:
        pause(interval)
        try:
            told = client.consented(device)
        except TokenAway:
            told = SLOWER
        if not isinstance(told, float):
            return told
        interval += told
    raise LoginRefused("Nobody consented in time: run `maild login` again.")


def _by_browser(client: "Client", house: House, *, say: Say) -> "Grant":
    """RFC 8252 and 7636: a page that sends the browser back to this machine, or somebody pastes where it was sent."""
    from maild.transport.oauth import Ear, challenge_of, heard_in

    def pasted() -> str:
        line = sys.stdin.readline()
        if line.strip() and heard_in(line, state=state) is None:
            say("That is not the address: it holds `state=` and `code=`. Copy all of it from the browser, and paste it here.")
        return line

    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    with Ear() as ear:
        hint = house.config.imap.username
        page = client.consent_address(redirect=ear.address, state=state, challenge=challenge_of(verifier), login_hint=hint)
        say(f"Open this page in a browser, and log in there as the mailbox:\n\n    {page}\n")
        say("If that browser runs on another machine, it ends on a page that it cannot open, whose address begins with")
        say(f"{ear.address}: copy that whole address, paste it here and press Enter.\n\nmaild waits ...")
        heard = ear.hear(state=state, seconds=LONGEST_WAIT, keyboard=_keyboard(), pasted=pasted)
        if heard is None:
            raise LoginRefused("Nobody consented in time: run `maild login` again.")
        if heard.error:
            raise LoginRefused(f"{client.endpoints.name} says that the consent was refused; run `maild login` again.")
        return client.redeem(heard.code, redirect=ear.address, verifier=verifier)


def _keyboard() -> int | None:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or none at all
        return None
