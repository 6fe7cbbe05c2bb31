"""Positions that Quorum did not open, and the requests of their owners to take them over."""

from db.migrations.security import (
    allow_operator,
    drop_tables,
    keep_updated_at,
    protect_tenant_table,
    run_statements,
)

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        CREATE TABLE foreign_positions (
            user_id BIGINT NOT NULL,
            symbol TEXT NOT NULL,
            side TEXT NOT NULL,
            quantity NUMERIC NOT NULL,
            average_entry_price NUMERIC NOT NULL,
            seen_at timestamptz NOT NULL,
            asked_at timestamptz,
            asked_by TEXT DEFAULT '' NOT NULL,
            row_created_at timestamptz DEFAULT now() NOT NULL,
            updated_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_foreign_positions PRIMARY KEY (user_id, symbol),
            CONSTRAINT ck_foreign_positions_side_known
                CHECK (side = ANY (ARRAY['long', 'short', 'flat'])),
            CONSTRAINT ck_foreign_positions_quantity_positive
                CHECK (quantity > 0 AND quantity < 'Infinity'),
            CONSTRAINT ck_foreign_positions_average_entry_price_not_negative
                CHECK (average_entry_price >= 0 AND average_entry_price < 'Infinity'),
            CONSTRAINT fk_foreign_positions_user_id_users FOREIGN KEY(user_id)
                REFERENCES users (user_id) ON DELETE CASCADE,
            CONSTRAINT fk_foreign_positions_user_id_user_configs FOREIGN KEY(user_id, symbol)
                REFERENCES user_configs (user_id, symbol) ON DELETE CASCADE
        );
        CREATE INDEX ix_foreign_positions_symbol ON foreign_positions (symbol);
    """)
    protect_tenant_table("foreign_positions")
    allow_operator("foreign_positions", rights="SELECT, UPDATE")
    keep_updated_at("foreign_positions")


def downgrade() -> None:
    drop_tables(("foreign_positions",))
