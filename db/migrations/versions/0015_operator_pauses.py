"""Pauses made in the Prefect UI; alerts sent to the operator's own address."""

from db.migrations.security import run_statements

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        ALTER TABLE user_configs ADD COLUMN is_paused_in_prefect BOOLEAN DEFAULT false NOT NULL;
        ALTER TABLE user_configs ADD CONSTRAINT ck_user_configs_pause_in_prefect
            CHECK (is_paused OR NOT is_paused_in_prefect);
        ALTER TABLE alerts ADD COLUMN forwarded_at timestamptz;
    """)


def downgrade() -> None:
    run_statements("""
        ALTER TABLE alerts DROP COLUMN forwarded_at;
        ALTER TABLE user_configs DROP CONSTRAINT ck_user_configs_pause_in_prefect;
        ALTER TABLE user_configs DROP COLUMN is_paused_in_prefect;
    """)
