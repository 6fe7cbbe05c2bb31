"""Win probability and edition of the question of a vote; abstentions for made-up figures."""

from db.migrations.security import run_statements

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KNOWN = "'deadline', 'unavailable', 'budget', 'refused', 'malformed'"


def upgrade() -> None:
    run_statements(f"""
        ALTER TABLE ai_decisions ADD COLUMN win_probability NUMERIC;
        ALTER TABLE ai_decisions ADD COLUMN prompt_version TEXT DEFAULT '' NOT NULL;
        ALTER TABLE ai_decisions ADD CONSTRAINT ck_ai_decisions_win_probability_range
            CHECK (win_probability BETWEEN 0 AND 100);
        ALTER TABLE ai_decisions DROP CONSTRAINT ck_ai_decisions_abstention_known;
        ALTER TABLE ai_decisions ADD CONSTRAINT ck_ai_decisions_abstention_known
            CHECK (abstention IN ({KNOWN}, 'fabricated', 'not_configured'));
    """)


def downgrade() -> None:
    run_statements(f"""
        UPDATE ai_decisions SET abstention = 'malformed' WHERE abstention = 'fabricated';
        ALTER TABLE ai_decisions DROP CONSTRAINT ck_ai_decisions_abstention_known;
        ALTER TABLE ai_decisions ADD CONSTRAINT ck_ai_decisions_abstention_known
            CHECK (abstention IN ({KNOWN}, 'not_configured'));
        ALTER TABLE ai_decisions DROP COLUMN win_probability;
        ALTER TABLE ai_decisions DROP COLUMN prompt_version;
    """)
