"""An account is a real one or a venue's demo."""

from db.migrations.security import run_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        ALTER TABLE exchange_accounts
            ADD COLUMN environment TEXT DEFAULT 'real' NOT NULL,
            ADD CONSTRAINT ck_exchange_accounts_environment_known
                CHECK (environment IN ('real', 'demo'));
    """)


def downgrade() -> None:
    run_statements("ALTER TABLE exchange_accounts DROP COLUMN environment;")
