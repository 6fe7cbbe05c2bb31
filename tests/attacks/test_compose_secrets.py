"""Attack: a container that was broken into looks for secrets that belong to other services."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from cli.stack.container_secrets import SECRET_FILES, make_secret_files
from db.encryption.envelope import load_master_keys
from db.server.bootstrap import fill_password

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CLIENT = {"prefect-auth", "quorum_app-password", "quorum_operator-password"}
EXPECTED = {
    "postgres": {"postgres-password", "quorum_owner-password", "prefect-password"},
    "server": {"prefect-auth", "prefect-password", "prefect-encryption-key"},
    "prepare": CLIENT | {"quorum_owner-password"},
    "work": CLIENT | {"master-key"},
    "bot": CLIENT | {"master-key"},
    "metrics": CLIENT,
}


def list_secrets(service: dict[str, Any]) -> set[str]:
    given = service.get("secrets", ())
    return {one if isinstance(one, str) else one["source"] for one in given}


def test_each_service_mounts_its_own_secrets_only() -> None:
    assert {name: list_secrets(service) for name, service in SERVICES.items()} == EXPECTED


def test_the_documentation_has_the_same_table() -> None:
    page = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ((?:`[\w-]+`(?:, )?)+) \|", page, re.MULTILINE)
    assert {name: set(re.findall(r"`([\w-]+)`", cell)) for name, cell in rows} == EXPECTED


def test_no_environment_holds_a_password_and_no_role_is_the_superuser() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if "://" in str(value) and "postgresql" in str(value):
                url = make_url(value)
                assert url.password is None, (name, variable)
                assert url.username != SERVICES["postgres"]["environment"]["POSTGRES_USER"]
    assert "${" not in str(COMPOSE["secrets"]) + str(COMPOSE["configs"])


def test_the_bots_token_and_the_models_keys_have_files_of_their_own() -> None:
    files = {
        name: {entry["path"] for entry in service.get("env_file", ())}
        for name, service in SERVICES.items()
    }
    holders = {
        path: {n for n, paths in files.items() if path in paths}
        for path in set().union(*files.values())
    }
    assert holders["bot.env"] == {"bot"}
    assert holders["work.env"] == {"work"}


def test_no_two_services_share_a_volume() -> None:
    volumes = [str(one).split(":")[0] for s in SERVICES.values() for one in s.get("volumes", ())]
    assert len(volumes) == len(set(volumes))


@pytest.mark.parametrize("path", [".env", "work.env", "secrets", ".quorum", ".git"])
def test_the_image_holds_no_secret(path: str) -> None:
    patterns = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split()
    assert path in patterns or (path.endswith(".env") and "*.env" in patterns)


def test_the_files_are_made_once_and_open_what_they_should(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert set(make_secret_files(folder)) == set(SECRET_FILES) == set(COMPOSE["secrets"])
    before = {file.name: file.read_text() for file in folder.iterdir()}
    assert make_secret_files(folder) == []
    assert {file.name: file.read_text() for file in folder.iterdir()} == before
    assert folder.stat().st_mode & 0o077 == 0
    assert load_master_keys(folder).current
    address = fill_password("postgresql+psycopg://quorum_app@postgres/quorum", secrets=folder)
    assert make_url(address).password == before["quorum_app-password"]
    assert fill_password(address, secrets=tmp_path) == address
