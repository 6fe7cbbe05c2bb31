"""Erasure of a user from both databases, by the owners of the databases.

owner's address, UserMarks  -> one transaction -> rows of the user deleted, mentions masked
Prefect's address, UserMarks -> one transaction -> deployments, runs, logs, artifacts deleted

Neither role of Quorum's processes may delete a user or change the audit log, so the erasure needs
the owner. A user with an open position or an order in doubt is refused, also when the position was
opened after the command had checked. Deleted rows leave the data files by VACUUM; backups and the
write-ahead log keep them for as long as the operator keeps those.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Json
from sqlalchemy import make_url

from db.engine.errors import describe
from db.models.journal import SEALING_LOCK
from trading.domain.errors import PermanentError
from trading.domain.intents import OPEN_INTENT_STATUSES
from trading.security.audit_chain import AuditEntry
from trading.security.erasure import (
    MASK,
    UserMarks,
    check_erasable,
    describe_erasure,
    pseudonymise,
)

CONNECT_SECONDS = 10
FORCED = (
    *("users", "positions", "order_intents", "cycles", "ai_decisions", "alerts", "audit_log"),
)
"""Tables that the erasure reads or changes beyond the cascade of the user's row."""
MENTIONS = {"alerts": ("text", "dedupe_key", "last_error"), "trading_states": ("reason",)}
"""Texts about the whole installation, which may name a user."""
LONGEST_CYCLE = timedelta(minutes=15)
"""A cycle that was opened earlier and has no outcome has crashed."""
PREFECT_RUN_TABLES = ("log", "artifact", "artifact_collection")
PREFECT_MENTIONS = {
    "log": ("message",),
    "artifact": ("key", "description"),
    "artifact_collection": ("key", "description"),
    "flow_run_state": ("message",),
    "task_run_state": ("message",),
}
PREFECT_EVENTS = ("resource::text", "related::text", "payload::text")


def erase_user(
    admin_url: str, marks: UserMarks, *, pseudonym: str, actor: str, now: datetime
) -> int:
    """
    Delete all rows of the user and every mention; the number of audit entries made pseudonymous.

    Args:
        admin_url: of the database's owner.
        pseudonym: stands in place of the user in the audit log.
        actor: of the audit entry about the erasure, which does not name the user.

    Raises:
        BadInput: for a user with an open position or an order in doubt; nothing was changed.
        PermanentError: when the database refuses; nothing was changed.
    """
    with _connect(admin_url) as connection:
        with connection.transaction(), _without_row_security(connection):
            _require_idle(connection, marks, now=now)
            _remove_own_questions(connection, marks)
            entries = list(_change_audit(connection, marks=marks, pseudonym=pseudonym))
            _mask_mentions(connection, marks=marks, columns=MENTIONS)
            connection.execute("DELETE FROM users WHERE user_id = %s", (marks.user_id,))
            links = _unseal(connection, entries)
            erasure = describe_erasure(links, pseudonym=pseudonym, actor=actor, now=now)
            _insert_entry(connection, erasure)
        connection.execute("VACUUM")
    return len(entries)


def erase_from_prefect(prefect_url: str, marks: UserMarks) -> int:
    """
    Delete the user's deployments and runs with logs, states, artifacts and events; deleted runs.

    Raises:
        PermanentError: when the database refuses; nothing was changed.
    """
    with _connect(prefect_url) as connection:
        with connection.transaction():
            runs = _list_runs(connection, marks)
            for table in PREFECT_RUN_TABLES:
                _run(connection, "DELETE FROM {} WHERE flow_run_id = ANY(%s)", table, runs)
            _run(connection, "DELETE FROM {} WHERE id = ANY(%s)", "flow_run", runs)
            _delete_deployments(connection, marks)
            _delete_events(connection, marks)
            for table in PREFECT_RUN_TABLES:
                column = PREFECT_MENTIONS[table][0]
                connection.execute(
                    sql.SQL("DELETE FROM {} WHERE {} ~* %s").format(
                        sql.Identifier(table), sql.Identifier(column)
                    ),
                    (marks.about,),
                )
            _mask_mentions(connection, marks=marks, columns=PREFECT_MENTIONS)
        connection.execute("VACUUM")
    return len(runs)


@contextmanager
def _connect(address: str) -> Iterator[psycopg.Connection]:
    url = make_url(address).set(drivername="postgresql")
    try:
        with psycopg.connect(
            url.render_as_string(hide_password=False),
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
        ) as connection:
            yield connection
    except psycopg.Error as error:
        raise PermanentError(f"The database refused: {describe(error)}") from error


@contextmanager
def _without_row_security(connection: psycopg.Connection) -> Iterator[None]:
    """Exempt an owner without superuser's rights within the transaction; a superuser is exempt."""
    found = connection.execute("SELECT row_security_active('users')").fetchone()
    is_bound = found is not None and found[0]
    for word in ("NO FORCE", "FORCE"):
        for table in FORCED if is_bound else ():
            statement = sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY")
            connection.execute(statement.format(sql.Identifier(table), sql.SQL(word)))
        if word == "NO FORCE":
            yield


def _require_idle(connection: psycopg.Connection, marks: UserMarks, *, now: datetime) -> None:
    """Lock the user's row, against new rows of the user; then look for what is still going on."""
    user = {"user": marks.user_id, "since": now - LONGEST_CYCLE, "open": [*OPEN_INTENT_STATUSES]}
    connection.execute("SELECT FROM users WHERE user_id = %(user)s FOR UPDATE", user)
    found = [
        [pair for (pair,) in connection.execute(statement, user)]
        for statement in (
            "SELECT symbol FROM positions WHERE user_id = %(user)s AND closed_at IS NULL",
            "SELECT symbol FROM order_intents WHERE user_id = %(user)s AND status = ANY(%(open)s)",
            """SELECT symbol FROM cycles WHERE user_id = %(user)s AND outcome IS NULL
            AND opened_at > %(since)s""",
        )
    ]
    check_erasable(held=found[0], in_doubt=found[1], running=found[2])


def _remove_own_questions(connection: psycopg.Connection, marks: UserMarks) -> None:
    """Remove answers to questions that were asked for no other user."""
    connection.execute(
        """
        DELETE FROM cassette_answers WHERE question_digest IN (
            SELECT prompt_hash FROM ai_decisions GROUP BY prompt_hash
            HAVING bool_and(user_id = %s))
        """,
        (marks.user_id,),
    )
    connection.execute("""
        DELETE FROM cassette_texts WHERE digest NOT IN (
            SELECT question_digest FROM cassette_answers
            UNION SELECT options_digest FROM cassette_answers)
    """)


def _change_audit(
    connection: psycopg.Connection, *, marks: UserMarks, pseudonym: str
) -> Iterator[AuditEntry]:
    """Make the user's entries pseudonymous; no entry is sealed until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (SEALING_LOCK,))
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("SELECT * FROM audit_log ORDER BY entry_id").fetchall()
    for row in rows:
        changed = pseudonymise(AuditEntry(**row), marks=marks, pseudonym=pseudonym)
        if changed is not None:
            connection.execute(
                "UPDATE audit_log SET user_id = %(user_id)s, actor = %(actor)s, "
                "detail = %(detail)s WHERE entry_id = %(entry_id)s",
                {**asdict(changed), "detail": Json(dict(changed.detail))},
            )
            yield changed


def _unseal(connection: psycopg.Connection, entries: Iterable[AuditEntry]) -> list[int]:
    """Remove the salts of the entries; the sequences of the links."""
    rows = connection.execute(
        "UPDATE audit_chain SET salt = NULL WHERE entry_id = ANY(%s) RETURNING sequence",
        ([entry.entry_id for entry in entries],),
    ).fetchall()
    return [sequence for (sequence,) in rows]


def _insert_entry(connection: psycopg.Connection, entry: AuditEntry) -> None:
    connection.execute(
        "INSERT INTO audit_log (user_id, actor, action, detail, at) VALUES (%s, %s, %s, %s, %s)",
        (entry.user_id, entry.actor, entry.action, Json(dict(entry.detail)), entry.at),
    )


def _mask_mentions(
    connection: psycopg.Connection, *, marks: UserMarks, columns: Mapping[str, tuple[str, ...]]
) -> None:
    for table, names in columns.items():
        for name in names:
            statement = sql.SQL(
                "UPDATE {} SET {} = regexp_replace({}, %s, %s, 'gi') WHERE {} ~* %s"
            ).format(sql.Identifier(table), *[sql.Identifier(name)] * 3)
            pattern = f"{marks.about}|{marks.words}"
            connection.execute(statement, (pattern, MASK, pattern))


def _list_runs(connection: psycopg.Connection, marks: UserMarks) -> list[Any]:
    rows = connection.execute(
        "SELECT id FROM flow_run WHERE parameters::jsonb ->> 'user_id' = %s OR tags::jsonb ? %s",
        (str(marks.user_id), f"user:{marks.user_id}"),
    ).fetchall()
    return [run for (run,) in rows]


def _delete_deployments(connection: psycopg.Connection, marks: UserMarks) -> None:
    rows = connection.execute(
        "DELETE FROM deployment WHERE parameters::jsonb ->> 'user_id' = %s OR tags::jsonb ? %s "
        "RETURNING concurrency_limit_id",
        (str(marks.user_id), f"user:{marks.user_id}"),
    ).fetchall()
    limits = [limit for (limit,) in rows if limit is not None]
    _run(connection, "DELETE FROM {} WHERE id = ANY(%s)", "concurrency_limit_v2", limits)


def _delete_events(connection: psycopg.Connection, marks: UserMarks) -> None:
    found = " OR ".join(f"{column} ~* %(pattern)s" for column in PREFECT_EVENTS)
    pattern = {"pattern": f"{marks.about}|{marks.words}"}
    connection.execute(
        "DELETE FROM event_resources WHERE event_id IN "  # noqa: S608  (our own columns)
        f"(SELECT id FROM events WHERE {found}) OR resource::text ~* %(pattern)s",
        pattern,
    )
    connection.execute(f"DELETE FROM events WHERE {found}", pattern)  # noqa: S608


def _run(connection: psycopg.Connection, statement: str, table: str, ids: list[Any]) -> None:
    connection.execute(sql.SQL(statement).format(sql.Identifier(table)), (ids,))
