"""Everything that Quorum remembers: tables, views, triggers, row-level security, grants.

The statements stand in `db/migrations/sql/0001_*.sql` and `db/views/*.1.sql`.
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

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTS = ("people", "market", "cycles", "orders", "positions", "journal")

# What the application role may do with its user's rows. Histories are added to, never removed.
TENANT_RIGHTS = {
    "users": "SELECT, UPDATE (language, trading_state, trading_state_reason)",
    "exchange_accounts": "SELECT, INSERT, UPDATE, DELETE",
    "user_configs": "SELECT, INSERT, UPDATE, DELETE",
    "user_states": "SELECT, INSERT, UPDATE",
    "cycles": "SELECT, INSERT, UPDATE",
    "ai_decisions": "SELECT, INSERT",
    "ai_spend": "SELECT, INSERT, UPDATE",
    "order_intents": "SELECT, INSERT, UPDATE",
    "orders": "SELECT, INSERT, UPDATE",
    "trades": "SELECT, INSERT",
    "funding_payments": "SELECT, INSERT",
    "positions": "SELECT, INSERT, UPDATE",
    "breakers": "SELECT, INSERT, UPDATE",
    "alerts": "SELECT, INSERT",
    "audit_log": "SELECT, INSERT",
}

# What the operator role may do across users; not in here: keys, orders, fills, funding.
OPERATOR_RIGHTS = {
    "users": "SELECT, INSERT, UPDATE",
    "user_configs": "SELECT",
    "user_states": "SELECT",
    "cycles": "SELECT, UPDATE",
    "ai_decisions": "SELECT",
    "ai_spend": "SELECT",
    "order_intents": "SELECT",
    "positions": "SELECT",
    "breakers": "SELECT",
    "alerts": "SELECT, INSERT, UPDATE",
    "audit_log": "SELECT, INSERT",
}

VIEWS = ("user_overview", "recent_trades_by_user", "ai_provider_stats_by_user")

WITHOUT_UPDATED_AT = frozenset({"audit_log"})
SHARED = ("instruments", "market_snapshots", "trading_states")

KEEP_UPDATED_AT = """
CREATE FUNCTION keep_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
"""

# So that a database can be migrated before its roles can log in (they get their passwords later).
ENSURE_ROLES = """
DO $$
DECLARE role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['quorum_app', 'quorum_operator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO quorum_app, quorum_operator;
"""


def upgrade() -> None:
    run_statements(ENSURE_ROLES)
    run_statements(KEEP_UPDATED_AT)
    for part in PARTS:
        run_sql(f"0001_{part}.sql")
    for table, rights in TENANT_RIGHTS.items():
        protect_tenant_table(table, rights=rights)
    for table, rights in OPERATOR_RIGHTS.items():
        allow_operator(table, rights=rights)
    share_table("instruments", app="SELECT", operator="SELECT, INSERT, UPDATE")
    share_table("market_snapshots", app="SELECT, INSERT", operator="SELECT, INSERT, DELETE")
    share_table("trading_states", app="SELECT", operator="SELECT, INSERT, UPDATE")
    keep_updated_at(*(t for t in (*TENANT_RIGHTS, *SHARED) if t not in WITHOUT_UPDATED_AT))
    for view in VIEWS:
        run_sql(f"{view}.1.sql", folder="db.views")


def downgrade() -> None:
    for view in reversed(VIEWS):
        run_statements(f"DROP VIEW {view};")
    drop_tables((*SHARED, *reversed(TENANT_RIGHTS)))
    run_statements("DROP FUNCTION keep_updated_at();")
