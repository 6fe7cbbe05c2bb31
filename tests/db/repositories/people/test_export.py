"""The export of a user holds all of the user's rows, and nothing of others or of keys."""

import json
import zipfile
from datetime import datetime
from pathlib import Path

from cli.base.user_archive import write_archive
from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.schema import list_user_tables
from tests.db.values import CREDENTIALS, fill_tenant


async def test_every_table_with_the_user_is_in_the_archive_and_no_key(
    database: Database,
    database_run: TestDatabase,
    make_user: MakeUser,
    now: datetime,
    tmp_path: Path,
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    for user_id in (ann, bob):
        async with database.tenant(user_id) as tenant:
            await fill_tenant(tenant, now)
    async with database.tenant(ann) as tenant:
        tables = await tenant.export.load_tables()
    file = tmp_path / "ann.zip"

    write_archive(file, tables=tables)

    with database_run.connect() as owner:
        expected = {
            name: row[0]
            for name in list_user_tables(owner)
            if (
                row := owner.execute(
                    f"SELECT count(*) FROM {name} WHERE user_id = {int(ann)}"
                ).fetchone()
            )
            and row[0]
        }
    with zipfile.ZipFile(file) as archive:
        data = json.loads(archive.read("data.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
        assert {name[:-4] for name in archive.namelist() if name.endswith(".csv")} == set(data)
    assert {name: len(rows) for name, rows in data.items()} == expected
    assert {row["user_id"] for rows in data.values() for row in rows} == {ann}
    assert CREDENTIALS.api_secret not in everything
    assert "sealed" not in everything
    assert file.stat().st_mode & 0o077 == 0
