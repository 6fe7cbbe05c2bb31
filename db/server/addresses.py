"""Addresses of a server in the form that PostgreSQL's own library reads, and connections by them.

SQLAlchemy writes a space in a query as `+`, which libpq takes literally: a socket in a folder with
a space in its name was not found.
"""

import psycopg
from sqlalchemy import URL

CONNECT_TIMEOUT_SECONDS = 10


def to_libpq(url: URL) -> str:
    """The address with the password, for psycopg and for PostgreSQL's programs."""
    text = url.set(drivername="postgresql").render_as_string(hide_password=False)
    address, mark, query = text.partition("?")
    return address + mark + query.replace("+", "%20")


def connect(url: URL) -> psycopg.Connection:
    """A connection in autocommit mode. Raises psycopg.OperationalError within 10 s."""
    return psycopg.connect(to_libpq(url), autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS)
