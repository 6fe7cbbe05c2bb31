"""The paper venue's books, and the view that counts them again from their rows."""

from db.migrations.security import (
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_sql,
    run_statements,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What happened stays: fills, funding and transfers are added to, never changed or removed.
TENANT_RIGHTS = {
    "paper_accounts": "SELECT, INSERT, UPDATE",
    "paper_positions": "SELECT, INSERT, UPDATE",
    "paper_orders": "SELECT, INSERT, UPDATE",
    "paper_fills": "SELECT, INSERT",
    "paper_funding": "SELECT, INSERT",
    "paper_transfers": "SELECT, INSERT",
}


def upgrade() -> None:
    run_sql("0002_paper.sql")
    for table, rights in TENANT_RIGHTS.items():
        protect_tenant_table(table, rights=rights)
    keep_updated_at(*TENANT_RIGHTS)
    run_sql("paper_ledger.1.sql", folder="db.views")


def downgrade() -> None:
    run_statements("DROP VIEW paper_ledger;")
    drop_tables(tuple(TENANT_RIGHTS))
