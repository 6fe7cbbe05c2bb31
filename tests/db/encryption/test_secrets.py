"""Secret files: made once whoever comes first, whole or not at all, for their owner only."""

import threading
from pathlib import Path

import pytest

from db.encryption.secrets import load_or_create, make_password, replace_secret
from trading.domain.errors import PermanentError


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "password"
    first = load_or_create(path)
    assert load_or_create(path) == first
    assert len(first) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["password"]


def test_all_who_come_at_once_get_the_same_secret(tmp_path: Path) -> None:
    path = tmp_path / "password"
    got: list[str] = []
    barrier = threading.Barrier(16)

    def come() -> None:
        barrier.wait()
        got.append(load_or_create(path))

    threads = [threading.Thread(target=come) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 16
    assert set(got) == {path.read_text()}


def test_an_empty_or_unreadable_secret_is_never_made_anew(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    with pytest.raises(PermanentError, match="empty is empty"):
        load_or_create(tmp_path / "empty")
    (tmp_path / "folder").mkdir()
    with pytest.raises(PermanentError, match="can't be read"):
        load_or_create(tmp_path / "folder")


def test_a_replaced_secret_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "password"
    load_or_create(path)
    replace_secret(path, text="new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_two_passwords_are_the_same() -> None:
    assert len({make_password() for _ in range(100)}) == 100
