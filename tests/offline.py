"""The network ends at this machine while the tests run; so `make test` really needs none.

socket event -> loopback? -> let through, else the error that an unplugged machine would give

An audit hook sees every socket of the process, whatever library opens it. It gives ordinary OS
errors, so a library that phones home fails here as it would in a train.
"""

import errno
import ipaddress
import os
import socket
import sys

NAMES_OF_THIS_MACHINE = frozenset({"", "localhost", socket.gethostname()})


def refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    """
    Refuse to resolve or to reach another machine.

    Raises:
        OSError: ENETUNREACH for a connection.
        socket.gaierror: for a name.
    """
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise OSError(errno.ENETUNREACH, f"the tests reach no network, not even {address[0]}")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise socket.gaierror(socket.EAI_NONAME, f"the tests resolve no {arguments[0]!r}")


def is_local(host: object) -> bool:
    """Whether a host, by name or address, is this machine; None means any of its addresses."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in NAMES_OF_THIS_MACHINE:
        return True
    try:
        address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(refuse_the_network)

os.environ.setdefault("QUORUM_FEEDS", "none")  # processes that tests start have no such hook
