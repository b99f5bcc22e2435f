"""Logins by an access token: the exact words on both wires, one renewal, and sessions that end with their token."""

import base64
from collections.abc import Callable, Iterator

import pytest

from maild.errors import CourierAway, LoginRefused, MailboxAway, TokenAway
from maild.ports import Outcome
from maild.transport.imap import ImapMailbox, ImapSettings
from maild.transport.smtp import SmtpCourier, SmtpSettings
from tests.contracts.courier_contract import parcel, send
from tests.servers.dovecot import Account, Dovecot
from tests.servers.oauth import Provider
from tests.servers.postfix import Postfix
from tests.servers.scripted_imap import Peer, ScriptedImap, breaks_off
from tests.servers.scripted_smtp import Conversation, Script, ScriptedSmtp
from tests.servers.sink import Sink
from tests.servers.tls import Authority, Certificate
from tests.transport.imap_rig import opened
from tests.whole.stage import eventually

NAME = "info@pymalta.test"
WHY = base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}')
OFFERS = b"250-book.test\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n"


@pytest.fixture(scope="module")
def tokens_only() -> Iterator[tuple[Dovecot, Provider]]:
    """A Dovecot that asks a provider about every token."""
    with Provider() as provider:
        dovecot = Dovecot(introspection=f"{provider.url}/introspect?token=")
        try:
            yield dovecot.start(), provider
        finally:
            dovecot.remove()


@pytest.fixture
def held(tokens_only: tuple[Dovecot, Provider]) -> tuple[Account, Provider]:
    """Somebody new, whose tokens the provider gives."""
    dovecot, provider = tokens_only
    account = dovecot.account()
    provider.mailbox = account.user
    return account, provider


def mailbox_of(account: Account, password: Callable[[], str], instead_of: Callable[[str], str | None]) -> ImapMailbox:
    settings = ImapSettings(
        host="127.0.0.1",
        port=account.server.port,
        tls="none",
        username=account.user,
        password=password,
        auth="xoauth2",
        instead_of=instead_of,
    )
    return ImapMailbox(settings)


def test_dovecot_takes_a_token(held: tuple[Account, Provider]) -> None:
    """A token that the provider knows opens the mailbox."""
    account, provider = held
    mailbox = mailbox_of(account, provider.issue, lambda refused: None)
    assert mailbox.select("INBOX").exists == 0
    mailbox.close()


def test_dovecot_refuses_a_token_that_has_ended(held: tuple[Account, Provider]) -> None:
    """A refused token is replaced once, on the same connection; the second refusal is final."""
    account, provider = held
    asked: list[str] = []

    def instead_of(refused: str) -> str:
        asked.append(refused)
        return provider.issue() if len(asked) == 1 else "ended-too"

    mailbox = mailbox_of(account, lambda: "ended", instead_of)
    assert mailbox.select("INBOX").exists == 0
    mailbox.close()
    mailbox = mailbox_of(account, lambda: "ended", instead_of)
    with pytest.raises(LoginRefused, match="whose consent the token is") as raised:
        mailbox.select("INBOX")
    assert asked == ["ended", "ended"]
    assert "ended" not in str(raised.value)
    assert account.user not in str(raised.value)
    mailbox.close()


def test_dovecot_refuses_the_token_of_somebody_else(held: tuple[Account, Provider]) -> None:
    """A consent that another account has given opens nothing."""
    account, provider = held
    provider.mailbox = "somebody@pymalta.test"
    mailbox = mailbox_of(account, provider.issue, lambda refused: None)
    with pytest.raises(LoginRefused):
        mailbox.select("INBOX")
    mailbox.close()


def test_a_token_that_cannot_be_had_now(held: tuple[Account, Provider]) -> None:
    """A provider that is away is no refusal: the mailbox is tried again later."""
    account, provider = held

    def away() -> str:
        raise TokenAway("Google does not answer in time; maild tries again.")

    mailbox = mailbox_of(account, away, lambda refused: None)
    with pytest.raises(TokenAway):
        mailbox.select("INBOX")
    mailbox.close()
    mailbox = mailbox_of(account, provider.issue, lambda refused: None)
    mailbox.select("INBOX")
    mailbox.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Where letters go from Postfix."""
    with Sink() as sink:
        yield sink


@pytest.fixture
def postfix(tokens_only: tuple[Dovecot, Provider], run_postfix: Callable[..., Postfix], certificate: Certificate, sink: Sink) -> Postfix:
    """A Postfix that asks that Dovecot about every login."""
    return run_postfix(relay_port=sink.port, certificate=certificate, sasl_port=tokens_only[0].sasl_port)


def sender_of(
    account: Account, postfix: Postfix, authority: Authority, tls: str, password: Callable[[], str], instead_of: Callable[[str], str | None]
) -> SmtpCourier:
    """A courier of this account."""
    settings = SmtpSettings(
        host="localhost",
        port=postfix.submission_port if tls == "starttls" else postfix.smtps_port,
        tls=tls,
        username=account.user,
        password=password,
        ca_file=authority.ca_file,
        local_hostname="maild.test",
        auth="xoauth2",
        instead_of=instead_of,
    )
    return SmtpCourier(settings)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_postfix_takes_a_token(held: tuple[Account, Provider], postfix: Postfix, authority: Authority, sink: Sink, tls: str) -> None:
    """A token that the provider knows lets us send, by either kind of TLS."""
    account, provider = held
    courier = sender_of(account, postfix, authority, tls, provider.issue, lambda refused: None)
    assert send(courier, parcel()).outcome is Outcome.DELIVERED
    courier.close()
    assert len(sink.wait_for(1)) == 1


def test_postfix_refuses_a_token_that_has_ended(held: tuple[Account, Provider], postfix: Postfix, authority: Authority, sink: Sink) -> None:
    """A refused token is replaced once, on the same connection, and the letter goes."""
    account, provider = held
    ended, asked = provider.issue(), []
    provider.expire()

    def instead_of(refused: str) -> str:
        asked.append(refused)
        return provider.issue()

    courier = sender_of(account, postfix, authority, "starttls", lambda: ended, instead_of)
    assert send(courier, parcel()).outcome is Outcome.DELIVERED
    courier.close()
    assert (asked, len(sink.wait_for(1))) == ([ended], 1)
    assert eventually(lambda: "auth=1/2" in postfix.log), "two attempts on one connection, one of them good"


def test_postfix_refuses_both_tokens(held: tuple[Account, Provider], postfix: Postfix, authority: Authority, sink: Sink) -> None:
    """A second refusal is final: one line, with the code and what to look at, without name and token; nothing is sent."""
    account, provider = held
    provider.mailbox = "somebody@pymalta.test"
    asked: list[str] = []
    courier = sender_of(account, postfix, authority, "starttls", provider.issue, lambda refused: asked.append(refused) or "ended-too")
    with pytest.raises(LoginRefused, match=r"refused the login \(535\); check \[smtp\] username, whose consent the token is") as raised:
        courier.offer(parcel())
    courier.close()
    assert len(str(raised.value).splitlines()) == 1
    assert [word for word in (account.user, *asked, "ended-too") if word in str(raised.value)] == []
    assert (len(asked), sink.arrived) == (1, [])


def goodbye_in_idle(peer: Peer, line: bytes) -> None:
    """What Exchange says an hour after the login."""
    breaks_off(b"+ idling\r\n* BYE Session invalidated - AccessTokenExpired\r\n")(peer, line)


@pytest.mark.parametrize(("lasted", "normal"), [(0.0, True), (60.0, False)], ids=["after a while", "at once"])
def test_a_session_ends_with_its_token(lasted: float, normal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A goodbye after a while is no trouble: look again, on a new connection. A server that sends everybody away is one."""
    monkeypatch.setattr("maild.transport.imap.SESSION", lasted)
    with ScriptedImap(turns={"IDLE": goodbye_in_idle}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.uids_above(0)
        if normal:
            assert mailbox.wait(5)
            mailbox.select("INBOX")
            assert server.connections == 2
        else:
            with pytest.raises(MailboxAway):
                mailbox.wait(5)


def courier_of(server: ScriptedSmtp, *tokens: str, **changes: object) -> SmtpCourier:
    """A courier that has these tokens, one after the other."""
    left = list(tokens)
    settings = SmtpSettings(
        host="localhost",
        port=server.port,
        tls="none",
        username=NAME,
        password=lambda: left.pop(0),
        ca_file=None,
        local_hostname="maild.test",
        auth="xoauth2",
        instead_of=lambda refused: left.pop(0) if left else None,
        **changes,
    )
    return SmtpCourier(settings)


def checks(good: str) -> Script:
    """A server that takes this token, in exactly the form that Google has written down, and explains a refusal first."""

    def authenticate(conversation: Conversation) -> None:
        said = bytes(conversation.heard).splitlines()[-1]
        expected = base64.b64encode(f"user={NAME}\x01auth=Bearer {good}\x01\x01".encode())
        if said == b"AUTH XOAUTH2 " + expected:
            conversation.say(b"235 2.7.0 Accepted\r\n")
            return
        conversation.say(b"334 " + WHY + b"\r\n")
        conversation.say(
            b"535-5.7.8 Username and Password not accepted\r\n535 5.7.8 no\r\n" if conversation.line() == b"\r\n" else b"501 what?\r\n"
        )

    return {"EHLO": OFFERS, "AUTH": authenticate}


def test_the_words_of_smtp() -> None:
    """The token goes in one line; nothing else is said before MAIL."""
    with ScriptedSmtp(checks("good")) as server:
        courier = courier_of(server, "good")
        assert send(courier, parcel()).outcome is Outcome.DELIVERED
        courier.close()
        assert bytes(server.conversations[0].heard).splitlines()[1].startswith(b"AUTH XOAUTH2 ")


def test_smtp_renews_once() -> None:
    """The explanation is answered with an empty line, and the login tried with another token."""
    with ScriptedSmtp(checks("good")) as server:
        courier = courier_of(server, "ended", "good")
        assert send(courier, parcel()).outcome is Outcome.DELIVERED
        courier.close()
        assert len(server.conversations) == 1


def test_smtp_gives_up_after_the_second() -> None:
    """Two refusals are a refusal; the sentence has the code and neither name nor token."""
    with ScriptedSmtp(checks("good")) as server:
        courier = courier_of(server, "ended", "ended-too", "good")
        with pytest.raises(LoginRefused, match=r"\(535\).*whose consent the token is") as raised:
            courier.offer(parcel())
        courier.close()
        assert bytes(server.conversations[0].heard).count(b"AUTH ") == 2
    assert "ended" not in str(raised.value)
    assert NAME not in str(raised.value)


def test_smtp_has_to_offer_it() -> None:
    """A token is sent to nobody who does not ask for one, and never as a password."""
    with ScriptedSmtp({"EHLO": b"250-book.test\r\n250 AUTH PLAIN LOGIN\r\n"}) as server:
        courier = courier_of(server, "good")
        with pytest.raises(LoginRefused, match="offers no login by xoauth2"):
            courier.offer(parcel())
        courier.close()
        assert b"AUTH " not in server.conversations[0].heard


def test_smtp_may_be_busy() -> None:
    """A 4xx is no refusal of the token: it is neither renewed nor complained about."""
    with ScriptedSmtp({"EHLO": OFFERS, "AUTH": b"454 4.7.0 later\r\n"}) as server:
        courier = courier_of(server, "good", "other")
        with pytest.raises(CourierAway):
            courier.offer(parcel())
        courier.close()
        assert bytes(server.conversations[0].heard).count(b"AUTH ") == 1


def test_a_connection_outlives_its_token() -> None:
    """A server that wants a login again in the middle of a connection gets one, on a new connection, and the letter goes."""
    asked = []

    def mail(conversation: Conversation) -> None:
        asked.append(conversation)
        conversation.say(b"530 5.7.57 the token has ended\r\n" if len(asked) == 2 else b"250 fine\r\n")

    with ScriptedSmtp({**checks("first"), "MAIL": mail}, {**checks("second"), "MAIL": mail}) as server:
        courier = courier_of(server, "first", "second")
        for number in range(2):
            assert send(courier, parcel(number=number)).outcome is Outcome.DELIVERED
        courier.close()
        assert len(server.conversations) == 2
