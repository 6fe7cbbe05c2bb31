"""Prefect's settings on a single machine: the environment of the server and of every client.

Home and port -> environment variables -> `prefect server start`, worker, bot, flow runs

The person's own Prefect is neither read nor written: PREFECT_HOME and the profile are Quorum's,
and settings for the person's own API are removed from the children's environment. Other PREFECT_*
variables of the person override the choices below.

Each choice, with its reason:
- leases in files: leases in memory are lost with the server; a taken slot then stays taken for
  ever, and every later cycle is canceled;
- a single future run per deployment instead of three: fewer rows, and fewer late runs;
- task runs recorded in batches: otherwise half of the server's CPU per run;
- events are forwarded but not kept: events are 640 of the 730 KB left by a cycle in Prefect's
  database, and only the UI's event feed shows events. Other services keep runs, tasks, logs and
  receipts;
- no triggers: Quorum uses no automations; the reaper handles runs without an owner;
- runs kept two days, events one: our own tables keep the actions of the cycles for good;
- task runs log only warnings (the state of a task run tells the outcome): a cycle has a dozen task
  runs, each with a line about the end;
- a client retries for a minute after a 500: the server answers 500 while the database is away, and
  otherwise a run would fail after the order was sent;
- time zones from the package `tzdata`: Prefect lists all zones for each schedule read, in the
  server and in clients; walking the system's folder takes 6 ms, reading the package's list 0.2.
"""

import base64
import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from cli.base.home import Home
from db.encryption.secrets import make_password

HOST = "127.0.0.1"
AUTH_USER = "quorum"
AUTH_FILE = "prefect-auth"
ENCRYPTION_KEY_FILE = "prefect-encryption-key"

# These variables belong to another server than Quorum's.
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
    return home.ensure_secret(AUTH_FILE, make=make_auth_string)


def ensure_encryption_key(home: Home) -> str:
    """The Fernet key of Prefect's blocks, created once; else kept beside the blocks."""
    return home.ensure_secret(ENCRYPTION_KEY_FILE, make=make_encryption_key)


def make_auth_string() -> str:
    """A new user:password of the API."""
    return f"{AUTH_USER}:{make_password()}"


def make_encryption_key() -> str:
    """A new Fernet key."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def isolate_prefect(home: Home) -> None:
    """Point Prefect in this process to our home; call before the first import of Prefect."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    # Importing Prefect comes before `Home.prepare` at the first start, which makes the folder.
    warnings.filterwarnings("ignore", message="Failed to create the Prefect home directory")
    os.environ["PREFECT_HOME"] = str(home.prefect)
    os.environ["PREFECT_PROFILES_PATH"] = str(home.prefect / "profiles.toml")
    for name, value in CLIENT_CHOICES.items():
        os.environ.setdefault(name, value)


def build_client_environment(
    home: Home, *, api_url: str, inherited: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a client of our server: worker, bot, flow run."""
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
    The environment of the Prefect server: a client's environment, and the server's choices.

    Args:
        database_url: database of the server unless `inherited` names another; None for a SQLite
            file in the home.
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
