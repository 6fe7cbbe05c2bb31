"""Requests of /panic and /close: rows that every worker's guard executes."""

from db.migrations.security import (
    allow_operator,
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_statements,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        CREATE TABLE close_requests (
            user_id BIGINT NOT NULL,
            symbol TEXT NOT NULL,
            requested_at timestamptz NOT NULL,
            requested_by TEXT NOT NULL,
            tried_at timestamptz,
            attempts INTEGER DEFAULT 0 NOT NULL,
            reason TEXT DEFAULT '' NOT NULL,
            row_created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_close_requests PRIMARY KEY (user_id, symbol),
            CONSTRAINT fk_close_requests_user_id_users FOREIGN KEY(user_id)
                REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT fk_close_requests_user_id_user_configs FOREIGN KEY(user_id, symbol)
                REFERENCES user_configs (user_id, symbol) ON DELETE CASCADE
        );
        CREATE INDEX ix_close_requests_symbol ON close_requests (symbol);
    """)
    protect_tenant_table("close_requests")
    allow_operator("close_requests", rights="SELECT, UPDATE")
    keep_updated_at("close_requests")


def downgrade() -> None:
    drop_tables(("close_requests",))
