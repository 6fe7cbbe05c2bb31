"""Packed text: shorter, the same again, and nothing that was altered is taken for it."""

import hashlib
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.codecs.compression import DICTIONARIES, MOST_BYTES, pack, unpack
from db.codecs.receipts import dump_json, pack_receipt, unpack_portfolio, unpack_receipt
from tests.db.values import make_record
from trading.cycle import CycleRecord
from trading.domain.units import UserId

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
RECORD = make_record(UserId(1), NOW)
RELEASED = {"receipts.1.txt": "675bf043fabfa029268ae7b194d2d825b8d219f92190037edb329a47546d64f6"}


@given(text=st.binary(max_size=4000).map(lambda tail: b"{" + tail))
def test_what_is_unpacked_is_what_was_packed(text: bytes) -> None:
    assert unpack(pack(text)) == text


def test_a_receipt_takes_a_fifth_of_its_json_at_most() -> None:
    text = json.dumps(dump_json(RECORD, kind=CycleRecord), separators=(",", ":"))
    assert len(pack_receipt(RECORD)) * 5 < len(text)


def test_a_receipt_of_before_is_read_as_the_json_that_it_is() -> None:
    text = json.dumps(dump_json(RECORD, kind=CycleRecord)).encode()
    assert unpack_receipt(text) == RECORD
    assert unpack_portfolio(text) == RECORD.portfolio


def test_the_worth_of_a_pair_is_read_without_the_rest() -> None:
    assert unpack_portfolio(pack_receipt(RECORD)) == RECORD.portfolio
    assert unpack_portfolio(pack_receipt(replace(RECORD, portfolio=None))) is None


def test_a_packed_text_that_was_cut_off_is_not_read() -> None:
    packed = pack_receipt(RECORD)
    for length in (0, 1, 5, 6, len(packed) // 2, len(packed) - 1):
        with pytest.raises(ValueError, match="can't be read"):
            unpack(packed[:length])


def test_a_packed_text_that_was_altered_is_not_read() -> None:
    packed = bytearray(pack_receipt(RECORD))
    packed[-1] ^= 1
    with pytest.raises(ValueError, match="altered"):
        unpack(bytes(packed))


def test_a_text_that_unpacks_without_end_is_not_read() -> None:
    stream = zlib.compressobj(9)
    bomb = stream.compress(bytes(MOST_BYTES + 1)) + stream.flush()
    assert len(bomb) < 100_000
    with pytest.raises(ValueError, match="more than"):
        unpack(bomb)


def test_a_text_of_a_later_release_is_called_that() -> None:
    stream = zlib.compressobj(zdict=b"a dictionary that this release has not got")
    packed = stream.compress(b"{}") + stream.flush()
    with pytest.raises(ValueError, match="later release"):
        unpack(packed)


@pytest.mark.parametrize("name", DICTIONARIES)
def test_a_dictionary_stays_what_it_was_when_receipts_were_packed_with_it(name: str) -> None:
    text = (resources.files("db") / "dictionaries" / name).read_bytes()
    assert hashlib.sha256(text).hexdigest() == RELEASED[name]
