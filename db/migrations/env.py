"""Alembic's door: runs the revisions on the connection that `db.server.bootstrap` hands in.

There is no alembic.ini and no address here: whoever migrates brings an open connection of the
owner, so nothing can migrate the wrong database by a left-over setting.
"""

from alembic import context

from db.models.catalog import load_metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=load_metadata(),
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
