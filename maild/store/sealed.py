"""Sealing: AES-256-GCM with a key per mail, each wrapped by the key of the key file; and keyed digests to look sealed things up by.

A sealed value is bound to its table, column and row (the additional data), so that a value moved to another row does not open. Not a
TypeDecorator, because that sees neither the row nor its key: the row mappers call `Key.seal` and `Key.unseal`.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from maild.errors import KeyFileInvalid, MaildError, OperatorMustAct

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32
INDEX_BYTES = 16
HOUSE = 0
"""The row of `keys` that belongs to no mail: the secret behind the blind indexes, and the seal of what belongs to the house."""


class SealBroken(OperatorMustAct):
    """A sealed value was altered, or stands in another row than the one it was written to."""


class Destroyed(MaildError):
    """The key is gone: the ticket was erased, and nobody can read this any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the store needs of the world's clock and chance, and may not fetch by itself (`app` hands it in).

    `new_id` makes row ids: positive, below 2**63, unique, growing with time. `new_nonce` makes 12 random bytes, `new_key` 32.
    """

    new_id: Callable[[], int]
    new_nonce: Callable[[], bytes]
    new_key: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One unwrapped key; `id` is its row in `keys`."""

    id: int
    cipher: AESGCM = field(repr=False)
    nonce: Callable[[], bytes] = field(repr=False)

    def seal(self, value: bytes, *, place: str, row: int | str) -> bytes:
        """Version byte, nonce, ciphertext with tag. `place` is `table.column`."""
        nonce = self.nonce()
        return VERSION + nonce + self.cipher.encrypt(nonce, value, f"{place}.{row}".encode())

    def unseal(self, sealed: bytes, *, place: str, row: int | str) -> bytes:
        """What was sealed at this very place. Raises `SealBroken`."""
        start = len(VERSION) + NONCE_BYTES
        try:
            if sealed[:1] != VERSION:
                raise InvalidTag
            return self.cipher.decrypt(sealed[1:start], sealed[start:], f"{place}.{row}".encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{place} of row {row} does not open: it was altered or moved; restore it from a backup") from error


class Keyring:
    """The key of the key file, and everything that follows from it. Shared by all threads: it holds no row and no connection."""

    def __init__(self, key: bytes, *, sources: Sources) -> None:
        if len(key) != KEY_BYTES:
            raise KeyFileInvalid(f"The key file must hold {KEY_BYTES} bytes and holds {len(key)}.")
        self._sources = sources
        self._outer = Key(id=-1, cipher=AESGCM(key), nonce=sources.new_nonce)
        self._indexing = b""
        self.house: Key

    def new_id(self) -> int:
        """An id for a new row."""
        return self._sources.new_id()

    def make(self, key_id: int) -> tuple[Key, bytes]:
        """A new key, and how it is to be stored."""
        secret = self._sources.new_key()
        return self._key(key_id, secret), self._outer.seal(secret, place="keys.wrapped", row=key_id)

    def open(self, key_id: int, wrapped: bytes | None) -> Key:
        """A stored key. Raises `Destroyed` where its ticket was erased, `SealBroken` where it was altered."""
        if wrapped is None:
            raise Destroyed("The ticket was erased: what it held cannot be read.")
        return self._key(key_id, self._outer.unseal(wrapped, place="keys.wrapped", row=key_id))

    def rewrapped(self, key_id: int, wrapped: bytes, *, by: "Keyring") -> bytes:
        """The same stored key, wrapped by another key file. Raises `SealBroken`."""
        return by._outer.seal(self._outer.unseal(wrapped, place="keys.wrapped", row=key_id), place="keys.wrapped", row=key_id)

    def move_in(self, wrapped: bytes) -> None:
        """Take the house's own key. Raises `KeyFileInvalid` where the key file is not the one this database was made with."""
        try:
            secret = self._outer.unseal(wrapped, place="keys.wrapped", row=HOUSE)
        except SealBroken as error:
            raise KeyFileInvalid("This key file is not the one the database was made with: give back the right one.") from error
        self.house = self._key(HOUSE, secret)
        self._indexing = hmac.digest(secret, b"index", "sha256")

    def index(self, label: str, value: str) -> bytes:
        """A blind index: equal for equal values of one label, meaningless without the key."""
        return self._digest(label, value.encode("utf-8", "surrogatepass"))[:INDEX_BYTES]

    def address(self, address: str) -> bytes:
        """The blind index of a mail address, whatever its capitals."""
        return self.index("address", address.strip().casefold())

    def domain(self, address: str) -> bytes:
        """The blind index of the domain of a mail address."""
        return self.index("domain", address.strip().casefold().rpartition("@")[2])

    def message_id(self, message_id: str) -> bytes:
        """The blind index of a Message-ID, without angle brackets."""
        return self.index("message-id", message_id)

    def raw(self, raw: bytes) -> bytes:
        """The keyed digest of a raw mail: equal bytes are recognised, and nobody without the key can test a guess."""
        return self._digest("raw", raw)

    def _digest(self, label: str, value: bytes) -> bytes:
        return hmac.digest(self._indexing, label.encode() + b"\0" + value, "sha256")

    def _key(self, key_id: int, secret: bytes) -> Key:
        return Key(id=key_id, cipher=AESGCM(secret), nonce=self._sources.new_nonce)
