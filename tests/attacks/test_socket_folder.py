"""Attack: another Unix user prepares the folder of the database's socket, or a false server."""

import os
import socket
import struct
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from db.server.embedded import EmbeddedPostgres
from tests.database import FAST_OPTIONS
from trading.domain.errors import PermanentError

CLEARTEXT = b"R" + struct.pack("!ii", 8, 3)
STRANGER = 65534


@pytest.fixture
def server(server_folder: Path) -> EmbeddedPostgres:
    """A server whose path is too long for a socket, so that the socket is in /tmp."""
    deep = server_folder / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    return EmbeddedPostgres(deep / "postgres", options=FAST_OPTIONS)


def find_folder(server: EmbeddedPostgres) -> Path:
    return Path(parse_qs(urlsplit(server.url).query)["host"][0])


@pytest.mark.parametrize("trap", ["link", "open", "foreign"])
def test_a_prepared_folder_is_refused(server: EmbeddedPostgres, tmp_path: Path, trap: str) -> None:
    if trap == "foreign" and os.geteuid():
        pytest.skip("only root gives a folder to another user")
    folder = find_folder(server)
    try:
        if trap == "link":
            tmp_path.chmod(0o700)
            folder.symlink_to(tmp_path)
        else:
            folder.mkdir(mode=0o700)
            folder.chmod(0o777 if trap == "open" else 0o700)
            os.chown(folder, STRANGER if trap == "foreign" else -1, -1)
        with pytest.raises(PermanentError, match="Nothing was started"):
            server.start()
        assert server.pid is None
    finally:
        server.stop()
        if folder.is_symlink():
            folder.unlink()
        else:
            folder.rmdir()


def test_a_false_server_gets_no_password(server: EmbeddedPostgres, tmp_path: Path) -> None:
    path, heard = tmp_path / ".s.PGSQL.5432", bytearray()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.extend(connection.recv(4096))
            connection.sendall(CLEARTEXT)
            heard.extend(connection.recv(4096))

    thread = threading.Thread(target=serve)
    thread.start()
    address = server.url.replace("postgresql+psycopg", "postgresql")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address, host=str(tmp_path), sslmode="disable", gssencmode="disable")
    thread.join()
    listener.close()

    password = str(urlsplit(server.url).password)
    assert heard
    assert password.encode() not in bytes(heard)
