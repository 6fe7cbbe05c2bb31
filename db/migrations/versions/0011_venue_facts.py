"""Fees in other assets; settlement intervals; how long an order in doubt may still show up."""

from db.migrations.security import run_statements

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        ALTER TABLE trades ADD COLUMN fee_asset TEXT, ADD COLUMN fee_amount NUMERIC,
            ADD CONSTRAINT ck_trades_fee_amount_finite
                CHECK (fee_amount > '-Infinity' AND fee_amount < 'Infinity');
        ALTER TABLE paper_fills ADD COLUMN fee_asset TEXT, ADD COLUMN fee_amount NUMERIC,
            ADD CONSTRAINT ck_paper_fills_fee_amount_finite
                CHECK (fee_amount > '-Infinity' AND fee_amount < 'Infinity');
        ALTER TABLE instruments
            ADD COLUMN funding_interval INTERVAL DEFAULT '8 hours' NOT NULL;
        ALTER TABLE order_intents ADD COLUMN doubt_until timestamptz;
    """)


def downgrade() -> None:
    run_statements("""
        ALTER TABLE trades DROP COLUMN fee_asset, DROP COLUMN fee_amount;
        ALTER TABLE paper_fills DROP COLUMN fee_asset, DROP COLUMN fee_amount;
        ALTER TABLE instruments DROP COLUMN funding_interval;
        ALTER TABLE order_intents DROP COLUMN doubt_until;
    """)
