"""The consents that access tokens are renewed by: one for each application at a provider, its refresh token sealed for the house."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.schema import consents
from maild.store.statements import Insertion

_PLACE = "consents.refresh_token"
_CLIENT = consents.c.client_index == bindparam("client")
_OF = select(consents).where(_CLIENT)
_FORGET = delete(consents).where(_CLIENT)
_KEEP = Insertion(consents)
_RENEW = update(consents).where(_CLIENT).values(refresh_token=bindparam("token"), renewed_at=bindparam("now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent: since when, and what brings the next access token."""

    granted_at: datetime
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """Consents within one transaction. `client` names the provider and our application there."""

    connection: Connection
    keys: Keys

    def of(self, client: str) -> Consent | None:
        """The consent that stands; None where nobody has consented. Raises `SealBroken`."""
        index = self._index(client)
        row = self.connection.execute(_OF, {"client": index}).one_or_none()
        if row is None:
            return None
        token = self.keys.keyring.house.unseal(row.refresh_token, place=_PLACE, row=index.hex())
        return Consent(granted_at=moment(row.granted_at), refresh_token=token.decode())

    def keep(self, client: str, *, refresh_token: str, now: datetime) -> None:
        """Somebody has consented: an earlier consent is forgotten."""
        index = self._index(client)
        self.connection.execute(_FORGET, {"client": index})
        sealed = self._sealed(refresh_token, index)
        _KEEP(self.connection, {"client_index": index, "granted_at": micros(now), "renewed_at": micros(now), "refresh_token": sealed})

    def renew(self, client: str, *, old: str, new: str, now: datetime) -> bool:
        """The provider gave a new refresh token for the old one; false where another one stands by now, which is left alone."""
        standing = self.of(client)
        if standing is None or standing.refresh_token != old:
            return False
        index = self._index(client)
        self.connection.execute(_RENEW, {"client": index, "token": self._sealed(new, index), "now": micros(now)})
        return True

    def _index(self, client: str) -> bytes:
        return self.keys.keyring.index("client", client)

    def _sealed(self, token: str, index: bytes) -> bytes:
        return self.keys.keyring.house.seal(token.encode(), place=_PLACE, row=index.hex())
