"""How we run Prefect on one machine: the environment of its server and of every client.

Home and port -> environment variables -> `prefect server start`, worker, bot, flow runs

Nothing of the person's own Prefect is read or written: PREFECT_HOME and the profile are ours, and
what they have set for their own API is taken out of the children's environment. Other PREFECT_*
variables of theirs win over the choices below.

Each choice, with its reason:
- leases in files: in memory they are lost with the server, and a slot that was taken then stays
  taken for ever, so that every later cycle is canceled;
- one future run per deployment rather than three: fewer rows, and less to pile up;
- task runs recorded in batches: half of the server's CPU per run otherwise;
- events are not kept, only passed on: they are 640 of the 730 KB that a cycle leaves in Prefect's
  database, and all that shows them is the UI's event feed. Runs, tasks, logs and receipts are
  kept by other services;
- no triggers: we use no automations; our own reaper looks after runs that nobody owns;
- runs kept two days, events one: what the cycles did is in our own tables for good;
- of a task run only warnings are logged (its own state says how it ended): a cycle has a dozen,
  and each would add the line that it finished;
- a client tries again, for a minute, when the server answers 500: that is what it says while its
  database is away, and a run would fail for it when its order is out already;
- the time zones are those of the package `tzdata`: Prefect lists them all whenever it reads a
  schedule, in the server and in its clients, and walking the system's folder for that takes 6 ms
  where reading the package's list takes 0.2.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from cli.base.home import Home
from db.encryption.secrets import make_password

HOST = "127.0.0.1"
AUTH_USER = "quorum"
AUTH_FILE = "prefect-auth"
ENCRYPTION_KEY_FILE = "prefect-encryption-key"

# Whoever set these meant another server than ours.
FOREIGN = frozenset(
    {
        "PREFECT_API_AUTH_STRING",
        "PREFECT_API_KEY",
        "PREFECT_API_URL",
        "PREFECT_HOME",
        "PREFECT_PROFILE",
        "PREFECT_PROFILES_PATH",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE",
    }
)

DATABASE_ADDRESS = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
DATABASE_ADDRESSES = frozenset({DATABASE_ADDRESS, "PREFECT_API_DATABASE_CONNECTION_URL"})
"""Both names of one setting."""

SERVER_LOGGING = Path(__file__).with_name("prefect_logging.yml")

SERVER_CHOICES: Mapping[str, str] = {
    "PREFECT_LOGGING_CONFIG_PATH": str(SERVER_LOGGING),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
    "PREFECT_SERVER_DATABASE_TIMEOUT": "30",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P1D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_BATCH_SIZE": "2000",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P2D",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "PT5M",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT10M",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

CLIENT_CHOICES: Mapping[str, str] = {
    "PYTHONTZPATH": "",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
    "PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE": "20000",
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "5",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_WORKER_ENABLE_CANCELLATION": "true",
    "PREFECT_WORKER_QUERY_SECONDS": "3",
    "DO_NOT_TRACK": "1",
}


def build_api_url(port: int) -> str:
    """Address of the API of the server on this machine."""
    return f"http://{HOST}:{port}/api"


def build_ui_url(port: int) -> str:
    """Address of the UI of the server on this machine."""
    return f"http://{HOST}:{port}"


def ensure_auth_string(home: Home) -> str:
    """user:password of the API and of the UI, made once."""
    return home.ensure_secret(AUTH_FILE, make=lambda: f"{AUTH_USER}:{make_password()}")


def ensure_encryption_key(home: Home) -> str:
    """The Fernet key of Prefect's blocks, made once; else Prefect keeps one beside the blocks."""
    return home.ensure_secret(
        ENCRYPTION_KEY_FILE, make=lambda: base64.urlsafe_b64encode(os.urandom(32)).decode()
    )


def isolate_prefect(home: Home) -> None:
    """Keep Prefect in this process to our home; call it before the first import of Prefect."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ["PREFECT_HOME"] = str(home.prefect)
    os.environ["PREFECT_PROFILES_PATH"] = str(home.prefect / "profiles.toml")
    for name, value in CLIENT_CHOICES.items():
        os.environ.setdefault(name, value)


def build_client_environment(
    home: Home, *, api_url: str, inherited: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a process that talks to our server: worker, bot, flow run."""
    kept = {name: value for name, value in inherited.items() if name not in FOREIGN}
    return {
        **CLIENT_CHOICES,
        **kept,
        "PREFECT_API_URL": api_url,
        "PREFECT_API_AUTH_STRING": ensure_auth_string(home),
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_PROFILES_PATH": str(home.prefect / "profiles.toml"),
        "PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(home.results),
    }


def build_server_environment(
    home: Home, *, port: int, inherited: Mapping[str, str], database_url: str | None
) -> dict[str, str]:
    """
    The environment of the Prefect server: everything of a client, and its own choices.

    Args:
        database_url: where it keeps its books unless `inherited` says otherwise; None for a
            SQLite of its own in the home.
    """
    url = build_ui_url(port)
    environment = {
        **SERVER_CHOICES,
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"{url},http://localhost:{port}",
        "PREFECT_SERVER_UI_API_URL": build_api_url(port),
        **build_client_environment(home, api_url=build_api_url(port), inherited=inherited),
        "PREFECT_SERVER_API_AUTH_STRING": ensure_auth_string(home),
        "PREFECT_SERVER_ENCRYPTION_KEY": ensure_encryption_key(home),
        "PREFECT_UI_STATIC_DIRECTORY": str(home.prefect / "ui"),
    }
    if database_url is not None and not DATABASE_ADDRESSES & inherited.keys():
        environment[DATABASE_ADDRESS] = database_url
    return environment
