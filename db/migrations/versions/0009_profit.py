"""Profit set aside: what was moved, who has asked for it, what equity is compared with since."""

from db.migrations.security import (
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_statements,
)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        CREATE TABLE profit_transfers (
            user_id BIGINT NOT NULL,
            transfer_id TEXT NOT NULL,
            venue TEXT NOT NULL,
            symbol TEXT NOT NULL,
            amount NUMERIC NOT NULL,
            status TEXT NOT NULL,
            reason TEXT DEFAULT '' NOT NULL,
            requested_at timestamptz NOT NULL,
            settled_at timestamptz,
            row_created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_profit_transfers PRIMARY KEY (user_id, transfer_id),
            CONSTRAINT ck_profit_transfers_venue_known
                CHECK (venue IN ('binance', 'bybit', 'paper')),
            CONSTRAINT ck_profit_transfers_status_known
                CHECK (status IN ('sending', 'unknown', 'done', 'refused', 'abandoned')),
            CONSTRAINT ck_profit_transfers_amount_positive
                CHECK (amount > 0 AND amount < 'Infinity'),
            CONSTRAINT fk_profit_transfers_user_id_users FOREIGN KEY(user_id)
                REFERENCES users (user_id) ON DELETE CASCADE
        );
        CREATE INDEX ix_profit_transfers_user_id_symbol_requested_at
            ON profit_transfers (user_id, symbol, requested_at);
        CREATE INDEX ix_profit_transfers_symbol ON profit_transfers (symbol);
        ALTER TABLE exchange_accounts ADD COLUMN moves_profit BOOLEAN DEFAULT false NOT NULL;
        ALTER TABLE user_states ADD COLUMN set_aside NUMERIC DEFAULT 0 NOT NULL,
            ADD CONSTRAINT ck_user_states_set_aside_not_negative
                CHECK (set_aside >= 0 AND set_aside < 'Infinity');
    """)
    protect_tenant_table("profit_transfers", rights="SELECT, INSERT, UPDATE")
    keep_updated_at("profit_transfers")


def downgrade() -> None:
    drop_tables(("profit_transfers",))
    run_statements("""
        ALTER TABLE exchange_accounts DROP COLUMN moves_profit;
        ALTER TABLE user_states DROP COLUMN set_aside;
    """)
