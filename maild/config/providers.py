"""What is known of the mail hosts that `maild init` can be told by one word.

One table, each fact with its source. What a host decides for itself is left to `maild check --round-trip`: above all an
`authserv_id` that nobody has looked up, because a name that the host does not keep clean would let anybody decide by mail.
No host gets a `junk`: all of them name that folder by SPECIAL-USE (RFC 6154), in the language of the account, and "auto" finds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Keys = Mapping[str, object]
"""Keys of one table of the configuration, with their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One kind of mail host. `server` is the host to suggest where each customer has one of their own; it may hold {domain}.

    `consent`: whether an access token that `maild login` gets can be used there, or is the only way. `application`: what the
    application at the provider is known by besides its id, as a key of [oauth].
    """

    title: str
    server: str = ""
    consent: Literal["no", "possible", "needed"] = "no"
    application: Literal["", "tenant", "client_secret_file"] = ""
    imap: Keys = field(default_factory=dict)
    smtp: Keys = field(default_factory=dict)
    authentication: Keys = field(default_factory=dict)


PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        # Hosts and ports: support.google.com/mail/answer/7126229, "Add Gmail to another email client".
        # Plus-addressing: Google Workspace Learning Center, "Create task-specific email addresses"; nothing turns it off.
        # authserv_id: the first word of every Authentication-Results that Google adds; maild.mail.authenticity says where it stands.
        "google": Provider(
            title="Gmail or Google Workspace",
            consent="possible",
            application="client_secret_file",
            imap={"host": "imap.gmail.com", "tls": "implicit", "port": 993},
            smtp={"host": "smtp.gmail.com", "tls": "implicit", "port": 465, "plus_addressing": True},
            authentication={"authserv_id": "mx.google.com", "form": "standard"},
        ),
        # Hosts and ports: support.microsoft.com, "POP, IMAP, and SMTP settings for Outlook.com"; the same hosts serve Microsoft 365.
        # No passwords: learn.microsoft.com, "Deprecation of Basic authentication in Exchange Online".
        # Plus-addressing: on since 2022 unless an administrator turned it off (learn.microsoft.com, "Plus addressing in Exchange Online"),
        # and nothing promises that a login may send from such an address: the round trip tells.
        # authserv_id: Exchange writes none; maild takes the domain of the hosts that take mail in (*.outlook.com).
        "microsoft": Provider(
            title="Microsoft 365 or Outlook.com",
            consent="needed",
            application="tenant",
            imap={"host": "outlook.office365.com", "tls": "implicit", "port": 993},
            smtp={"host": "smtp.office365.com", "tls": "starttls", "port": 587},
            authentication={"authserv_id": "outlook.com", "form": "exchange"},
        ),
        # Host and ports: docs.cpanel.net, "Set Up Mail Client".
        # Plus-addressing: user+word@ goes to the folder of that name and not to the inbox (docs.cpanel.net, "Email Accounts"), so never here.
        # authserv_id: what the hosting company has set up, often none.
        "cpanel": Provider(
            title="a web host with cPanel",
            server="mail.{domain}",
            imap={"tls": "implicit", "port": 993},
            smtp={"tls": "implicit", "port": 465},
        ),
        # Ports: RFC 8314 section 7.3. On the machine itself: maild.config.draft.
        "own": Provider(
            title="a mail server of your own, or any other",
            server="localhost",
            imap={"tls": "implicit", "port": 993},
            smtp={"tls": "implicit", "port": 465},
        ),
    }
)
