"""Sealed keys: they open where they were sealed and nowhere else, before and after a rotation."""

import itertools
import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from commands.people.keys import rotate_master_key
from db.encryption.envelope import (
    Binding,
    DamagedRecord,
    MasterKeys,
    add_master_key,
    forget_older_keys,
    load_master_keys,
    open_sealed,
    read_key_id,
    rewrap,
    seal,
)
from db.repositories.people.accounts import Rewrapped
from db.session import Database
from reports.texts.catalog import tell
from tests.database import MakeUser, TestDatabase
from tests.db.values import CREDENTIALS, KEYS
from trading.domain.errors import PermanentError
from trading.domain.units import UserId, VenueName
from trading.security.credentials import Credentials

PLACE = Binding(
    table="exchange_accounts", user_id=UserId(1), venue=VenueName.BYBIT, purpose="api_key"
)
OTHER_PLACES = [
    replace(PLACE, facts=("1",)),
    Binding(table="users", user_id=UserId(1), venue=VenueName.BYBIT, purpose="api_key"),
    Binding(
        table="exchange_accounts", user_id=UserId(2), venue=VenueName.BYBIT, purpose="api_key"
    ),
    Binding(
        table="exchange_accounts", user_id=UserId(1), venue=VenueName.BINANCE, purpose="api_key"
    ),
    Binding(
        table="exchange_accounts", user_id=UserId(1), venue=VenueName.BYBIT, purpose="api_secret"
    ),
]
OTHER_KEYS = MasterKeys(b"o" * 32)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(text: str) -> None:
    assert open_sealed(seal(text, binding=PLACE, keys=KEYS), binding=PLACE, keys=KEYS) == text


@pytest.mark.parametrize("place", OTHER_PLACES)
def test_it_opens_in_no_other_place(place: Binding) -> None:
    blob = seal("secret", binding=PLACE, keys=KEYS)
    with pytest.raises(PermanentError, match="does not belong"):
        open_sealed(blob, binding=place, keys=KEYS)
    with pytest.raises(PermanentError, match="does not belong"):
        rewrap(blob, binding=place, keys=KEYS)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_changed_byte_opens(position: int, change: int) -> None:
    blob = bytearray(seal("secret", binding=PLACE, keys=KEYS))
    blob[position % len(blob)] ^= change
    with pytest.raises(PermanentError):
        open_sealed(bytes(blob), binding=PLACE, keys=KEYS)


@pytest.mark.parametrize("length", [0, 1, 9, 68, 96])
def test_no_piece_opens(length: int) -> None:
    blob = seal("secret", binding=PLACE, keys=KEYS)
    with pytest.raises(PermanentError):
        open_sealed(blob[:length], binding=PLACE, keys=KEYS)


def test_parts_of_two_sealed_values_do_not_open_together() -> None:
    first, second = (seal(text, binding=PLACE, keys=KEYS) for text in ("first", "secon"))
    with pytest.raises(PermanentError):
        open_sealed(first[:69] + second[69:], binding=PLACE, keys=KEYS)


def test_the_same_text_is_never_sealed_the_same_way() -> None:
    assert len({seal("secret", binding=PLACE, keys=KEYS) for _ in range(100)}) == 100


def test_another_master_key_does_not_open() -> None:
    blob = seal("secret", binding=PLACE, keys=KEYS)
    with pytest.raises(PermanentError, match=f"{KEYS.current_id} is missing"):
        open_sealed(blob, binding=PLACE, keys=OTHER_KEYS)


def test_a_rewrapped_value_opens_with_the_new_key_alone() -> None:
    blob = seal("secret", binding=PLACE, keys=KEYS)
    both = MasterKeys(OTHER_KEYS.current, (KEYS.current,))
    moved = rewrap(blob, binding=PLACE, keys=both)
    assert read_key_id(moved) == OTHER_KEYS.current_id
    assert open_sealed(moved, binding=PLACE, keys=OTHER_KEYS) == "secret"
    with pytest.raises(PermanentError):
        open_sealed(moved, binding=PLACE, keys=KEYS)


def test_keys_never_show(tmp_path: Path) -> None:
    keys = load_master_keys(tmp_path)
    assert repr(keys) == "MasterKeys()"
    assert repr(CREDENTIALS) == "Credentials()"
    for wrong in ("c2hvcnQ=", "!!! not base64 !!!", ""):
        with pytest.raises(PermanentError) as told:
            load_master_keys(tmp_path, from_environment=SecretStr(wrong))
        assert not wrong or wrong not in tell(told.value)


def test_the_master_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    first = load_master_keys(secrets)
    assert load_master_keys(secrets) == first
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert stat.S_IMODE((secrets / "master-key").stat().st_mode) == 0o600
    text = (secrets / "master-key").read_text()
    assert load_master_keys(tmp_path / "no", from_environment=SecretStr(text)) == first
    assert not (tmp_path / "no").exists()


def test_an_emptied_key_file_is_no_reason_to_make_a_new_key(tmp_path: Path) -> None:
    load_master_keys(tmp_path)
    (tmp_path / "master-key").write_text("")
    with pytest.raises(PermanentError, match="restore"):
        load_master_keys(tmp_path)


async def connect_users(
    database: Database, make_user: MakeUser, now: datetime, *, keys: MasterKeys
) -> list[UserId]:
    users = [await make_user(f"user {number}") for number in range(2)]
    for user_id in users:
        async with database.tenant(user_id) as tenant:
            for venue in VenueName:
                credentials = Credentials(
                    api_key=f"the key of {user_id} at {venue}", api_secret=f"{user_id}{venue}"
                )
                await tenant.accounts.save_credentials(
                    venue, credentials=credentials, keys=keys, now=now
                )
    return users


async def count_opened(database: Database, users: list[UserId], *, keys: MasterKeys) -> int:
    """How many of the users' accounts open, to what they should."""
    opened = 0
    for user_id, venue in itertools.product(users, VenueName):
        async with database.tenant(user_id) as tenant:
            try:
                credentials = await tenant.accounts.load_credentials(venue, keys=keys)
            except PermanentError:
                continue
        assert credentials is not None
        opened += 1
        assert credentials.api_key == f"the key of {user_id} at {venue}"
        assert credentials.api_secret == f"{user_id}{venue}"
    return opened


async def test_no_swap_of_rows_opens(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    users = await connect_users(database, make_user, now, keys=KEYS)
    assert await count_opened(database, users, keys=KEYS) == 6
    with database_run.connect() as owner:
        cells = owner.execute(
            "SELECT user_id, venue, sealed_credentials FROM exchange_accounts"
        ).fetchall()
        place = (
            "UPDATE exchange_accounts SET sealed_credentials = %s"
            " WHERE user_id = %s AND venue = %s"
        )
        for (user_id, venue, own), (_, _, other) in itertools.permutations(cells, 2):
            owner.execute(place, (other, user_id, venue))
            async with database.tenant(UserId(user_id)) as tenant:
                with pytest.raises(DamagedRecord):
                    await tenant.accounts.load_credentials(VenueName(venue), keys=KEYS)
            owner.execute(place, (own, user_id, venue))
    assert await count_opened(database, users, keys=KEYS) == 6


async def test_nothing_of_the_keys_is_in_the_database(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    await connect_users(database, make_user, now, keys=KEYS)
    with database_run.connect() as owner:
        rows = owner.execute("SELECT t::text, * FROM exchange_accounts AS t").fetchall()
    for row in rows:
        for value in row:
            seen = value if isinstance(value, bytes) else str(value).encode()
            assert b"the key of" not in seen
            assert KEYS.current not in seen


async def test_a_rotation_is_counted_repeatable_and_leaves_nothing_behind(
    database: Database, make_user: MakeUser, now: datetime, tmp_path: Path
) -> None:
    old = load_master_keys(tmp_path)
    users = await connect_users(database, make_user, now, keys=old)
    both = add_master_key(tmp_path)
    assert await count_opened(database, users, keys=both) == 6

    report = await rotate_master_key(database, keys=both)
    assert (report.users, report.rewrapped) == (2, 6)
    assert (await rotate_master_key(database, keys=both)).rewrapped == 0

    new = forget_older_keys(tmp_path)
    assert load_master_keys(tmp_path) == new
    assert await count_opened(database, users, keys=new) == 6
    assert await count_opened(database, users, keys=old) == 0


async def test_a_rotation_that_was_stopped_half_way_goes_on(
    database: Database, make_user: MakeUser, now: datetime, tmp_path: Path
) -> None:
    users = await connect_users(database, make_user, now, keys=load_master_keys(tmp_path))
    both = add_master_key(tmp_path)
    async with database.tenant(users[0]) as tenant:
        assert await tenant.accounts.rewrap_accounts(keys=both) == Rewrapped(count=3)
    assert await count_opened(database, users, keys=both) == 6
    assert (await rotate_master_key(database, keys=both)).rewrapped == 3


async def test_connecting_again_replaces_the_keys(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    async with database.tenant(await make_user()) as tenant:
        accounts = tenant.accounts
        for credentials in (CREDENTIALS, Credentials(api_key="k" * 20 + "tail", api_secret="s")):
            await accounts.save_credentials(
                VenueName.BYBIT, credentials=credentials, keys=KEYS, now=now
            )
            await accounts.set_verified(VenueName.BYBIT, now=now)
        await accounts.save_credentials(
            VenueName.BYBIT, credentials=credentials, keys=KEYS, now=now
        )
        (shown,) = await accounts.list_accounts()
        assert (shown.venue, shown.hint, shown.verified_at) == (VenueName.BYBIT, "tail", None)
        assert await accounts.load_credentials(VenueName.BYBIT, keys=KEYS) == credentials
        assert await accounts.load_credentials(VenueName.BINANCE, keys=KEYS) is None
        assert await accounts.remove_account(VenueName.BYBIT) is True
        assert await accounts.remove_account(VenueName.BYBIT) is False
