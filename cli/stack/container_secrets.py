"""The secret files that docker-compose.yml mounts, one for each secret.

`quorum make-secrets FOLDER` -> FOLDER/NAME -> mounted into the services that need the secret

The folder is for its owner only; the files are readable, because a container reads a mounted file
under another user id and never sees the folder.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from cli.base.prefect_settings import (
    AUTH_FILE,
    ENCRYPTION_KEY_FILE,
    make_auth_string,
    make_encryption_key,
)
from db.encryption.envelope import MASTER_KEY_FILE, make_key_text
from db.encryption.secrets import load_or_create, make_password

READABLE = 0o444
SECRET_FILES: Mapping[str, Callable[[], str]] = {
    "postgres-password": make_password,
    "quorum_owner-password": make_password,
    "quorum_app-password": make_password,
    "quorum_operator-password": make_password,
    "prefect-password": make_password,
    AUTH_FILE: make_auth_string,
    ENCRYPTION_KEY_FILE: make_encryption_key,
    MASTER_KEY_FILE: make_key_text,
}


def make_secret_files(folder: Path) -> list[str]:
    """Create the missing files; the names of the new files. Raises as `load_or_create` does."""
    missing = [name for name in SECRET_FILES if not (folder / name).exists()]
    for name in missing:
        load_or_create(folder / name, make=SECRET_FILES[name])
        (folder / name).chmod(READABLE)
    return missing
