"""Packed JSON: receipts compressed to a tenth of their length.

JSON text -> deflated with a dictionary of typical receipts -> bytes;  bytes -> JSON text

Most of a receipt is the same in all receipts: field names, rules, sentences. A zlib stream can
refer to a text known to both sides, identified in the stream by a checksum. So a dictionary file
never changes after the first release with the file; a better dictionary is a further file.
PostgreSQL's own compression leaves three times as much, because PostgreSQL compresses each row
alone and without a dictionary.

Rows older than revision 0008 hold plain JSON: `{` begins no zlib stream.
"""

import zlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

DICTIONARIES = ("receipts.1.txt",)
"""The newest is the last: packed with, all are read with."""
MOST_BYTES = 64 * 1024 * 1024
"""A receipt has some 20 KB; a kilobyte of zeros deflated thrice would fill the memory."""
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
        ValueError: when the bytes are cut off, altered, of a later release, or longer than
            `MOST_BYTES` unpacked.
    """
    if packed.startswith(PLAIN):
        return packed
    try:
        stream = zlib.decompressobj(zdict=_find_dictionary(packed))
        text = stream.decompress(packed, MOST_BYTES)
    except zlib.error as error:
        raise ValueError("a packed text can't be read: it was altered") from error
    if len(text) >= MOST_BYTES:
        raise ValueError(f"a packed text can't be read: it has more than {MOST_BYTES} bytes")
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
