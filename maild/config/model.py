"""The whole configuration: one frozen value for the life of the process."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from maild.config.kinds import refused
from maild.config.oauth import Oauth
from maild.config.policy import policy_of
from maild.config.servers import Database, Imap, Smtp
from maild.config.tables import (
    Authentication,
    Clocks,
    Digest,
    Event,
    Fallback,
    Letters,
    Limits,
    Organisation,
    Person,
    Run,
    Space,
    Table,
    Transparency,
)
from maild.playbook.policy import Policy

FEWEST_STAFF = 2

UNPROVEN = "authentication.authserv_id: is empty, so each decision by mail needs a [confirm] reply besides"
ALONE = "staff: only one person is active, so a report about that person reaches nobody but the fallback contact"
UNUSED = 'oauth: is not used, because neither [imap] nor [smtp] has auth = "xoauth2"'
NO_BOARD = "board: nobody is active, so no digest is sent and a missed deadline reaches staff only"


def _listed(value: object) -> object:
    """One table may stand for a list of one."""
    return value if isinstance(value, list | tuple) else [value]


class Config(Table):
    """What config.toml says, complete with every default. Attributes are named as the file names them.

    Read it by `load_config`: that also makes the checks across tables (`maild.config.team`) and fills in the directories.
    """

    organisation: Organisation
    fallback: Annotated[tuple[Fallback, ...], BeforeValidator(_listed)]
    staff: tuple[Person, ...]
    board: tuple[Person, ...] = ()
    imap: Imap
    smtp: Smtp
    oauth: Oauth = Field(default_factory=Oauth, validate_default=True)
    authentication: Authentication = Field(default_factory=Authentication)
    database: Database = Field(default_factory=Database)
    clocks: Clocks = Field(default_factory=Clocks)
    digest: Digest = Field(default_factory=Digest)
    limits: Limits = Field(default_factory=Limits, validate_default=True)
    letters: Letters = Field(default_factory=Letters)
    transparency: Transparency = Field(default_factory=Transparency)
    space: tuple[Space, ...] = ()
    event: tuple[Event, ...] = ()
    run: Run = Field(default_factory=Run)

    @field_validator("fallback")
    @classmethod
    def _somebody(cls, fallback: tuple[Fallback, ...]) -> tuple[Fallback, ...]:
        if not fallback:
            raise refused("is empty (write [fallback], and [[fallback]] for each where there are several)", at="")
        return fallback

    @field_validator("oauth")
    @classmethod
    def _gives_tokens(cls, oauth: Oauth, reading: ValidationInfo) -> Oauth:
        servers = [reading.data[name] for name in ("imap", "smtp") if name in reading.data]
        if any(server.auth == "xoauth2" for server in servers) and oauth.provider == "command" and not oauth.token_command:
            raise refused(
                'is missing: auth = "xoauth2" takes its token from [oauth] (add this, or provider = "google" or "microsoft")',
                at="token_command",
            )
        return oauth

    @field_validator("limits")
    @classmethod
    def _known_senders_in_time(cls, limits: Limits, reading: ValidationInfo) -> Limits:
        clocks = reading.data.get("clocks")
        if clocks and limits.acknowledge_known_within_hours > clocks.acknowledge_hours[-1]:
            raise refused("is later than the last step of clocks.acknowledge_hours (lower it too)", at="acknowledge_known_within_hours")
        return limits

    def policy(self) -> Policy:
        """The playbook's own values."""
        return policy_of(self)

    @property
    def uses_tokens(self) -> bool:
        """Whether any server is logged in to by an access token."""
        return "xoauth2" in (self.imap.auth, self.smtp.auth)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What works and is still not wise, a sentence each."""
        return (
            *((UNUSED,) if self.oauth.model_fields_set and not self.uses_tokens else ()),
            *(() if self.authentication.authserv_id else (UNPROVEN,)),
            *(() if sum(person.active for person in self.staff) >= FEWEST_STAFF else (ALONE,)),
            *(() if any(person.active for person in self.board) else (NO_BOARD,)),
        )
