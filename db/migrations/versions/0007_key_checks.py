"""When each key's rights are asked for again, and why one was refused.

Beside the sealed accounts, which the operator role can't even name: a timer has to find what is
due across users. Keys that are there already are due at once.
"""

from db.migrations.security import (
    allow_operator,
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_statements,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        CREATE TABLE key_checks (
            user_id BIGINT NOT NULL,
            venue TEXT NOT NULL,
            due_at timestamptz NOT NULL,
            refusal TEXT DEFAULT '' NOT NULL,
            row_created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_key_checks PRIMARY KEY (user_id, venue),
            CONSTRAINT ck_key_checks_venue_known CHECK (venue IN ('binance', 'bybit', 'paper')),
            CONSTRAINT fk_key_checks_user_id_users FOREIGN KEY(user_id)
                REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT fk_key_checks_user_id_exchange_accounts FOREIGN KEY(user_id, venue)
                REFERENCES exchange_accounts (user_id, venue) ON DELETE CASCADE
        );
        CREATE INDEX ix_key_checks_due_at ON key_checks (due_at);
        INSERT INTO key_checks (user_id, venue, due_at)
            SELECT user_id, venue, now() FROM exchange_accounts;
    """)
    protect_tenant_table("key_checks")
    allow_operator("key_checks", rights="SELECT")
    keep_updated_at("key_checks")


def downgrade() -> None:
    drop_tables(("key_checks",))
