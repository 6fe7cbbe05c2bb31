"""Packed JSON: a receipt at a tenth of its length, read whole or not at all.

JSON text -> deflated after a dictionary of what receipts say -> bytes;  bytes -> JSON text

Most of a receipt is the same in all of them: the names of its fields, the rules, the sentences. A
zlib stream may begin after a text that both sides know, and names that text by its checksum. So a
dictionary is a file that never changes once a release has packed with it; a better one is a
further file. PostgreSQL's own compression leaves three times as much, for it sees one row at a
time and no text before it.

Rows of before revision 0008 hold their JSON as it was: `{` begins no zlib stream.
"""

import zlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

DICTIONARIES = ("receipts.1.txt",)
"""The newest is the last: packed with, all are read with."""
PLAIN = b"{"
LEVEL = 9
PRESET = 0x20
"""The bit of a stream's second byte that says: a dictionary comes before, named in the next 4."""


def pack(text: bytes) -> bytes:
    """JSON text, shorter."""
    *_, newest = _load_dictionaries().values()
    stream = zlib.compressobj(LEVEL, zdict=newest)
    return stream.compress(text) + stream.flush()


def unpack(packed: bytes) -> bytes:
    """
    The JSON text again.

    Raises:
        ValueError: when the bytes are cut off, altered, or of a later release.
    """
    if packed.startswith(PLAIN):
        return packed
    try:
        stream = zlib.decompressobj(zdict=_find_dictionary(packed))
        text = stream.decompress(packed)
    except zlib.error as error:
        raise ValueError("a packed text can't be read: it was altered") from error
    if not stream.eof:
        raise ValueError("a packed text can't be read: its end is missing")
    return text


def _find_dictionary(packed: bytes) -> bytes:
    if len(packed) < 6 or not packed[1] & PRESET:
        return b""
    known = _load_dictionaries().get(int.from_bytes(packed[2:6]))
    if known is None:
        raise ValueError("a packed text can't be read: its dictionary is a later release's")
    return known


@cache
def _load_dictionaries() -> Mapping[int, bytes]:
    folder = resources.files("db") / "dictionaries"
    texts = [(folder / name).read_bytes() for name in DICTIONARIES]
    return MappingProxyType({zlib.adler32(text): text for text in texts})
