"""What `maild init` writes: the example, cut down, for every provider."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from maild.config import Config
from maild.config.draft import PASSWORD_FILE, WORTH_A_LOOK, Answers, Named, Way, drafted, handles_of, literal
from maild.config.example import sections, sections_of, shipped_example
from maild.config.model import UNPROVEN
from maild.config.providers import PROVIDERS

DRAFTS = Path(__file__).parent / "drafts"

FULL = Answers(
    organisation="PyMalta",
    mailbox="info@pymalta.example",
    provider="own",
    server="localhost",
    username="info",
    client_id="",
    tenant="",
    staff=(Named(name="Ġorġa Borg", address="gorga@home.example"), Named(name='Żeppi "Zep" Ħili', address="zep@home.example")),
    board=(Named(name="Carla Zammit", address="carla@home.example"), Named(name="Ġorġa Borg", address="Gorga@home.example")),
    fallback=Named(name="Felix Fenech", address="felix@elsewhere.example"),
    timezone="Europe/Malta",
    state_directory="",
    runtime_directory="",
)
CONSENT = {"client_id": "00000000-0000-4000-8000-000000000000", "tenant": "pymalta.example"}


def answers(provider: str) -> Answers:
    """The same organisation at each provider."""
    host = PROVIDERS[provider]
    at = replace(FULL, provider=provider, server=host.server.format(domain="pymalta.example"))
    at = at if provider == "own" else replace(at, username=at.mailbox)
    return replace(at, **CONSENT) if host.consent == "needed" else at


@pytest.fixture
def load(read: Callable[..., Config], desk: Path) -> Callable[[str], Config]:
    """Read a draft as it will be read: with its password beside it."""
    (desk / PASSWORD_FILE).touch(mode=0o600)
    return read


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_loads_without_a_warning(provider: str, load: Callable[[str], Config]) -> None:
    """The draft is a good configuration; where the provider's authserv_id is not known, that is what maild says, and nothing else."""
    warnings = load(drafted(answers(provider))).warnings
    assert warnings == (() if PROVIDERS[provider].authentication else (UNPROVEN,))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_draft_is_the_recorded_one(provider: str) -> None:
    """The bytes of a draft are those in tests/config/drafts, whatever Python writes it."""
    assert drafted(answers(provider)) == (DRAFTS / f"{provider}.toml").read_text("utf-8")


WAYS = [
    ("google", ("imap.gmail.com", "implicit", 993), ("smtp.gmail.com", "implicit", 465), True, "mx.google.com", "standard"),
    ("microsoft", ("outlook.office365.com", "implicit", 993), ("smtp.office365.com", "starttls", 587), False, "outlook.com", "exchange"),
    ("cpanel", ("mail.pymalta.example", "implicit", 993), ("mail.pymalta.example", "implicit", 465), False, "", "standard"),
    ("own", ("localhost", "none", 143), ("localhost", "none", 25), False, "", "standard"),
]


@pytest.mark.parametrize(("provider", "imap", "smtp", "plus", "authserv_id", "form"), WAYS, ids=[provider for provider, *_ in WAYS])
def test_what_a_provider_settles(provider, imap, smtp, plus, authserv_id, form, load: Callable[[str], Config]) -> None:
    """Hosts, ports, TLS, plus-addressing and proof are the provider's; the Junk folder is found."""
    config = load(drafted(answers(provider)))
    assert (config.imap.host, config.imap.tls, config.imap.port) == imap
    assert (config.smtp.host, config.smtp.tls, config.smtp.port) == smtp
    assert (config.smtp.plus_addressing, config.authentication.authserv_id, config.authentication.form) == (plus, authserv_id, form)
    assert config.imap.junk == "auto"


def test_every_provider_is_looked_at() -> None:
    """The table above has them all."""
    assert [provider for provider, *_ in WAYS] == list(PROVIDERS)


OWN = [
    ("127.0.0.1", "none", "", "this machine by its number"),
    ("::1", "none", "", "this machine by its longer number"),
    ("mail.pymalta.example", "implicit", "info", "another machine"),
]


@pytest.mark.parametrize(("server", "tls", "sender", "why"), OWN, ids=[why for *_, why in OWN])
def test_a_server_of_ones_own(server: str, tls: str, sender: str, why: str, load: Callable[[str], Config]) -> None:
    """On this machine neither TLS nor a login to send is needed; anywhere else both are."""
    config = load(drafted(replace(FULL, server=server)))
    assert (config.imap.tls, config.smtp.tls, config.smtp.username) == (tls, tls, sender), why


HERE, THERE = "localhost", "mail.pymalta.example"
ELSEWHERE = [
    (HERE, Way(port=1143), Way(port=1025), ("none", 1143), ("none", 1025, ""), "this machine, ports of one's own"),
    (HERE, Way(port=993), Way(port=465), ("implicit", 993), ("implicit", 465, "info"), "this machine by the ports of TLS"),
    (HERE, Way(), Way(port=587), ("none", 143), ("starttls", 587, "info"), "submission wants a login, on this machine too"),
    (HERE, Way(port=1993, tls="implicit"), Way(), ("implicit", 1993), ("none", 25, ""), "TLS was asked for"),
    (THERE, Way(port=143), Way(port=587), ("starttls", 143), ("starttls", 587, "info"), "the other usual ports"),
    (THERE, Way(port=1143), Way(port=1025), ("implicit", 1143), ("implicit", 1025, "info"), "another machine, any port: TLS"),
    (THERE, Way(tls="starttls"), Way(port=2525, tls="starttls"), ("starttls", 993), ("starttls", 2525, "info"), "as it was said"),
]


@pytest.mark.parametrize(("server", "imap", "smtp", "way", "sends", "why"), ELSEWHERE, ids=[why for *_, why in ELSEWHERE])
def test_a_server_on_other_ports(server, imap: Way, smtp: Way, way, sends, why: str, load: Callable[[str], Config]) -> None:
    """The port settles TLS where it is one of the usual ones, else the place does, unless somebody said it; without TLS nobody logs in to send."""
    config = load(drafted(replace(FULL, server=server, imap=imap, smtp=smtp)))
    assert (config.imap.tls, config.imap.port) == way, why
    assert (config.smtp.tls, config.smtp.port, config.smtp.username) == sends, why


def test_ports_of_a_provider_stay(load: Callable[[str], Config]) -> None:
    """What was said of a server of one's own counts nowhere else."""
    said = replace(answers("google"), imap=Way(port=1143, tls="starttls"), smtp=Way(port=1025))
    assert drafted(said) == drafted(answers("google"))


def test_what_was_answered_is_what_is_read(load: Callable[[str], Config]) -> None:
    """Names, addresses and places come back as they were given, quotes and letters beyond ASCII too."""
    config = load(drafted(replace(FULL, state_directory="state", runtime_directory="run")))
    assert (config.organisation.name, config.organisation.mailbox) == (FULL.organisation, FULL.mailbox)
    assert [(one.name, one.address) for one in config.staff] == [(one.name, one.address) for one in FULL.staff]
    assert [one.handle for one in config.staff] == ["gorga", "zeppi"]
    assert [one.handle for one in config.board] == ["carla", "gorga"], "one person, in both"
    assert config.run.state_directory.name == "state"
    assert config.database.key_file == config.run.state_directory / "maild.key"


HANDLES = [
    (["Ana Borg"], ["ana"], "the first name"),
    (
        ["Ġorġa", "Ħaż-Żebbuġ", "Øystein", "Łukasz", "Þór", "José"],
        ["gorga", "hazzebbug", "oystein", "lukasz", "thor", "jose"],
        "plain letters",
    ),
    (["Ana A", "Ana B", "Ana C"], ["ana", "ana-2", "ana-3"], "a number where it is taken"),
    (["Fallback Person"], ["fallback-2"], "a reserved word"),
    (["J. Doe"], ["doe"], "an initial is too short"),
    (["李雷"], ["p0"], "no Latin letter: the address"),
    (["李雷", "Ж"], ["p0", "p1"], "each from its address"),
    (["3rd Anna"], ["anna"], "a handle begins with a letter"),
    (["A" * 90], ["a" * 24], "an endless name"),
]


@pytest.mark.parametrize(("names", "handles", "why"), HANDLES, ids=[why for *_, why in HANDLES])
def test_handles(names: list[str], handles: list[str], why: str) -> None:
    """A handle is the first word of a name that plain letters can be made of."""
    people = [Named(name=name, address=f"p{number}@home.example") for number, name in enumerate(names)]
    assert handles_of(people, board=()) == (handles, []), why
    assert handles_of((), board=people) == ([], handles), why


def test_handles_of_people_in_both() -> None:
    """Somebody of staff and board has one handle, whatever the spelling of the address; others of the same name have another."""
    ana, other = Named(name="Ana B", address="ana@home.example"), Named(name="Ana C", address="c@home.example")
    assert handles_of([ana], board=[other, replace(ana, address="Ana@home.example")]) == (["ana"], ["ana-2", "ana"])


def test_a_person_without_any_letter() -> None:
    """Where neither name nor address has letters for a handle, there still is one."""
    assert handles_of([Named(name="李", address="1@home.example")], board=()) == (["person"], [])


@pytest.mark.parametrize("text", ["plain", 'a "quote"', "back\\slash", "Ħ\u200b", "line\nbreak", "\x7f", "\x00\x1f", "tab\t", ""])
def test_texts_are_toml(text: str) -> None:
    """Whatever was typed, TOML reads the same text again."""
    assert tomllib.loads(f"key = {literal(text)}")["key"] == text


def test_the_example_is_read_whole() -> None:
    """Its tables put together again are its text: no sentence is lost on the way into a draft."""
    text = shipped_example().read_text("utf-8")
    keys = [f"{one.sentence}\n{one.key} = {one.value}" for section in sections_of(text) for one in section.entries]
    bare = re.sub(r"(?m)^# (?=[a-z_]+ = )", "", text)
    assert [key for key in keys if key not in bare] == []
    assert len(keys) == len(re.findall(r"(?m)^[a-z_]+ = ", bare))
    assert [section.comment for section in sections_of(text) if section.comment not in text] == []


def test_what_is_worth_a_look_exists() -> None:
    """A key that is shown in a comment is one of the example's."""
    known = {(table, entry.key) for table, section in sections().items() for entry in section.entries}
    assert known >= WORTH_A_LOOK


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_key_of_a_draft_has_its_sentence(provider: str) -> None:
    """Each key that is there for the first time stands below the example's own sentence about it."""
    text = drafted(answers(provider))
    for table, section in sections().items():
        part = re.search(rf"(?m)^\[+{table}\]+\n((?:.+\n)+)", text)
        for entry in section.entries if part else ():
            if re.search(rf"(?m)^(?:# )?{entry.key} = ", part[1]):
                assert f"{entry.sentence}\n" in part[1], f"{table}.{entry.key}"
