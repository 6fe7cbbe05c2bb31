"""Envelope encryption of sealed columns: AES-256-GCM with a data key per record.

    text -> seal(binding) -> blob -> open_sealed(binding) -> text

    blob = 1 | key id (8) | nonce (12) | wrapped data key (32 + 16) | nonce (12) | ciphertext + 16

A master key outside the database wraps the data keys. Both layers are bound to table, user, venue,
key version, purpose and further facts, so a blob moved to another row or column does not open, nor
does a blob whose facts were changed beside it. A fresh data key
for each record rules out a repeated nonce under a key. Rotation wraps the data key again and keeps
the ciphertext; rotation counts the records and may be repeated.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from db.encryption.secrets import load_or_create, replace_secret
from trading.domain.errors import PermanentError
from trading.domain.units import UserId, VenueName

MASTER_KEY_FILE = "master-key"
FORMAT = b"\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
_HEAD_BYTES = len(FORMAT) + KEY_ID_BYTES
_SHORTEST_BLOB = _HEAD_BYTES + WRAPPED_BYTES + NONCE_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """
    Binding of a sealed value to its place; the value opens nowhere else.

    Attributes:
        venue: None for a value that belongs to no venue.
        purpose: the column's meaning, "credentials".
        facts: further facts in clear beside the value, such as the generation; no `|` in a fact.
    """

    table: str
    user_id: UserId
    venue: VenueName | None = None
    purpose: str
    facts: tuple[str, ...] = ()

    def to_bytes(self, *, key_id: str) -> bytes:
        """The associated data: table|user|venue|key version|purpose|facts."""
        parts = (self.table, self.user_id, self.venue, key_id, self.purpose, *self.facts)
        return "|".join(map(str, parts)).encode()


class DamagedRecord(PermanentError):
    """A sealed value was changed, or stands where it was not sealed for."""


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """
    The current master key, and older master keys for opening.

    Attributes:
        current: seals, 32 bytes.
        older: only open; remove the older keys after a rotation with a count of 0.
    """

    current: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for key in (self.current, *self.older):
            if len(key) != KEY_BYTES:
                raise PermanentError(f"A master key has {KEY_BYTES} bytes in base64.")

    @property
    def current_id(self) -> str:
        """Identifier of the current key; reveals nothing about the key."""
        return compute_key_id(self.current)

    def find(self, key_id: str) -> bytes:
        """The key with an id. Raises PermanentError for an unknown id."""
        by_id: Mapping[str, bytes] = {
            compute_key_id(key): key for key in (*self.older, self.current)
        }
        if key_id not in by_id:
            raise PermanentError(f"Master key {key_id} is missing: restore the secrets folder.")
        return by_id[key_id]


def compute_key_id(key: bytes) -> str:
    """16 hex digits of a hash of the key."""
    return hashlib.blake2b(key, digest_size=KEY_ID_BYTES, person=b"quorum-key-id").hexdigest()


def load_master_keys(secrets: Path, *, from_environment: SecretStr | None = None) -> MasterKeys:
    """
    Load the keys from `QUORUM_MASTER_KEY`, or from the secrets folder; a missing key is created.

    White space separates several keys, the current key first.

    Raises:
        PermanentError: for keys other than base64 of 32 bytes; the sentence holds no key.
    """
    if from_environment is not None:
        return _parse_keys(from_environment.get_secret_value())
    return _parse_keys(load_or_create(secrets / MASTER_KEY_FILE, make=make_key_text))


def add_master_key(secrets: Path) -> MasterKeys:
    """Create a new master key in the secrets folder; the previous keys still open."""
    known = load_master_keys(secrets)
    keys = MasterKeys(os.urandom(KEY_BYTES), (known.current, *known.older))
    _write_keys(secrets, keys=keys)
    return keys


def forget_older_keys(secrets: Path, *, needed: Collection[str] = ()) -> MasterKeys:
    """Remove the older keys, except the keys whose ids are in `needed` by a sealed record."""
    known = load_master_keys(secrets)
    older = tuple(key for key in known.older if compute_key_id(key) in needed)
    keys = MasterKeys(known.current, older)
    _write_keys(secrets, keys=keys)
    return keys


def seal(text: str, *, binding: Binding, keys: MasterKeys) -> bytes:
    """Seal a text for a single place."""
    key_id = keys.current_id
    data_key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
    nonce = os.urandom(NONCE_BYTES)
    # Rotation keeps the ciphertext, so only the wrapped layer is bound to the key version.
    body = AESGCM(data_key).encrypt(nonce, text.encode(), binding.to_bytes(key_id="data"))
    return _join(key_id, _wrap(data_key, binding=binding, keys=keys), nonce + body)


def open_sealed(blob: bytes, *, binding: Binding, keys: MasterKeys) -> str:
    """
    Open a text sealed for exactly this place.

    Raises:
        DamagedRecord: for a blob of another place, and a changed blob.
        PermanentError: for a missing master key.
    """
    data_key = _unwrap(blob, binding=binding, keys=keys)
    body = blob[_HEAD_BYTES + WRAPPED_BYTES :]
    aad = binding.to_bytes(key_id="data")
    return _checked(
        lambda: AESGCM(data_key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], aad)
    ).decode()


def rewrap(blob: bytes, *, binding: Binding, keys: MasterKeys) -> bytes:
    """Return the sealed text with the data key wrapped by the current master key."""
    data_key = _unwrap(blob, binding=binding, keys=keys)
    wrapped = _wrap(data_key, binding=binding, keys=keys)
    return _join(keys.current_id, wrapped, blob[_HEAD_BYTES + WRAPPED_BYTES :])


def read_key_id(blob: bytes) -> str:
    """Id of the blob's master key. Raises DamagedRecord for a malformed blob."""
    if len(blob) < _SHORTEST_BLOB or blob[: len(FORMAT)] != FORMAT:
        raise DamagedRecord("A sealed value is damaged.")
    return blob[len(FORMAT) : _HEAD_BYTES].hex()


def _wrap(data_key: bytes, *, binding: Binding, keys: MasterKeys) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    aad = binding.to_bytes(key_id=keys.current_id)
    return nonce + AESGCM(keys.current).encrypt(nonce, data_key, aad)


def _unwrap(blob: bytes, *, binding: Binding, keys: MasterKeys) -> bytes:
    key_id = read_key_id(blob)
    wrapped = blob[_HEAD_BYTES : _HEAD_BYTES + WRAPPED_BYTES]
    master = AESGCM(keys.find(key_id))
    aad = binding.to_bytes(key_id=key_id)
    return _checked(lambda: master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad))


def _checked(decrypt: Callable[[], bytes]) -> bytes:
    try:
        return decrypt()
    except InvalidTag:
        raise DamagedRecord("A sealed value does not belong where it stands.") from None


def _join(key_id: str, wrapped: bytes, rest: bytes) -> bytes:
    return FORMAT + bytes.fromhex(key_id) + wrapped + rest


def make_key_text() -> str:
    """A new master key in base64."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _write_keys(secrets: Path, *, keys: MasterKeys) -> None:
    texts = (base64.b64encode(key).decode() for key in (keys.current, *keys.older))
    replace_secret(secrets / MASTER_KEY_FILE, text="\n".join(texts))


def _parse_keys(text: str) -> MasterKeys:
    try:
        keys = [base64.b64decode(part, validate=True) for part in text.split()]
    except (binascii.Error, ValueError):
        raise PermanentError("The master key is not base64.") from None
    if not keys:
        raise PermanentError("The master key is empty.")
    return MasterKeys(keys[0], tuple(keys[1:]))
