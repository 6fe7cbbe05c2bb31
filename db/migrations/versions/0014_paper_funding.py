"""Settlements of a paper position by the newest paid, not by the next: the interval changes."""

from db.migrations.security import run_statements

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        ALTER TABLE paper_positions RENAME COLUMN next_funding_at TO funded_to;
        UPDATE paper_positions
            SET funded_to = GREATEST(advanced_to, funded_to - INTERVAL '8 hours');
    """)


def downgrade() -> None:
    run_statements("""
        UPDATE paper_positions
            SET funded_to = date_bin('8 hours', funded_to, '1970-01-01Z') + INTERVAL '8 hours';
        ALTER TABLE paper_positions RENAME COLUMN funded_to TO next_funding_at;
    """)
