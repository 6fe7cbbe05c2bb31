"""What the bot remembers: updates taken, buttons shown, questions asked, limits to be raised."""

from db.migrations.security import (
    allow_operator,
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_sql,
    run_statements,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TENANT_TABLES = ("bot_buttons", "bot_dialogs", "limit_raises")


def upgrade() -> None:
    run_sql("0004_bot.sql")
    run_statements("GRANT UPDATE (muted_alerts) ON users TO quorum_app;")
    for table in TENANT_TABLES:
        protect_tenant_table(table)
    allow_operator("bot_buttons", rights="SELECT, DELETE")
    allow_operator("limit_raises", rights="SELECT")
    run_statements("REVOKE ALL ON bot_updates FROM PUBLIC;")
    run_statements("GRANT SELECT, INSERT, DELETE ON bot_updates TO quorum_operator;")
    keep_updated_at(*TENANT_TABLES)


def downgrade() -> None:
    drop_tables(("bot_updates", *TENANT_TABLES))
    run_statements("""
        REVOKE UPDATE (muted_alerts) ON users FROM quorum_app;
        ALTER TABLE users DROP COLUMN blocked_at, DROP COLUMN muted_alerts;
    """)
