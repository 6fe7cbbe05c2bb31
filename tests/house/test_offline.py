"""No test can reach the network by accident; this machine stays within reach."""

import socket

import pytest

# 192.0.2.0/24 and .example are reserved for documentation: nobody is there.


def test_another_machine_is_out_of_reach() -> None:
    with socket.socket() as client, pytest.raises(OSError, match=r"not even 192\.0\.2\.1"):
        client.connect(("192.0.2.1", 443))


def test_another_machines_name_is_not_resolved() -> None:
    with pytest.raises(socket.gaierror, match=r"api\.venue\.example"):
        socket.create_connection(("api.venue.example", 443), timeout=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_within_reach(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as client:
            assert client.getpeername() == ("127.0.0.1", port)
