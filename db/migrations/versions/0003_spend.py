"""Money for model calls is reserved before them; what came of votes is kept.

What was spent before stands in the votes: each that cost something becomes a call of its own.
"""

from db.migrations.security import (
    allow_operator,
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_sql,
    run_statements,
    share_table,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A share and an outcome are history: added to, never changed. A cap is the user's to change.
TENANT_RIGHTS = {
    "ai_spend": "SELECT, INSERT",
    "ai_outcomes": "SELECT, INSERT",
    "ai_budgets": "SELECT, INSERT, UPDATE, DELETE",
}
VIEWS = ("ai_provider_stats_by_user.2", "ai_calibration_by_user.1")
WRITE = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    run_statements("DROP VIEW ai_provider_stats_by_user; DROP TABLE ai_spend;")
    run_sql("0003_spend.sql")
    run_sql("0003_spend_before.sql")
    for table, rights in TENANT_RIGHTS.items():
        protect_tenant_table(table, rights=rights)
        allow_operator(table, rights="SELECT")
    share_table("ai_days", app=WRITE, operator=WRITE)
    share_table("ai_calls", app="SELECT, INSERT, UPDATE (sharers)", operator=WRITE)
    keep_updated_at("ai_days", "ai_calls", *TENANT_RIGHTS)
    for view in VIEWS:
        run_sql(f"{view}.sql", folder="db.views")


def downgrade() -> None:
    run_statements("DROP VIEW ai_provider_stats_by_user, ai_calibration_by_user;")
    drop_tables(("ai_spend", "ai_calls", "ai_days", "ai_outcomes", "ai_budgets"))
    run_statements("""
        DROP INDEX ix_ai_decisions_voted;
        ALTER TABLE ai_decisions DROP COLUMN price, DROP COLUMN position_side;
    """)
    run_sql("0003_spend_down.sql")
    protect_tenant_table("ai_spend", rights=WRITE)
    allow_operator("ai_spend", rights="SELECT")
    keep_updated_at("ai_spend")
    run_sql("ai_provider_stats_by_user.1.sql", folder="db.views")
