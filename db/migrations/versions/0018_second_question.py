"""A cycle's second question: a share for each call, and the answer with headlines beside the vote.

Before, a model had one call in a cycle, and the key of a share named the model only.
"""

from db.migrations.security import run_statements

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        ALTER TABLE ai_spend
            DROP CONSTRAINT pk_ai_spend,
            ADD CONSTRAINT pk_ai_spend PRIMARY KEY (user_id, symbol, cycle_time, model, call_id);
        ALTER TABLE ai_decisions
            ADD COLUMN is_asked_about_news BOOLEAN DEFAULT false NOT NULL,
            ADD COLUMN news_action TEXT,
            ADD CONSTRAINT ck_ai_decisions_news_action_known
                CHECK (news_action = ANY (ARRAY['open_long', 'open_short', 'close', 'hold']));
    """)


def downgrade() -> None:
    run_statements("""
        ALTER TABLE ai_decisions
            DROP COLUMN is_asked_about_news, DROP COLUMN news_action;
        DELETE FROM ai_spend AS later USING ai_spend AS first
            WHERE later.user_id = first.user_id AND later.symbol = first.symbol
            AND later.cycle_time = first.cycle_time AND later.model = first.model
            AND later.call_id > first.call_id;
        ALTER TABLE ai_spend
            DROP CONSTRAINT pk_ai_spend,
            ADD CONSTRAINT pk_ai_spend PRIMARY KEY (user_id, symbol, cycle_time, model);
    """)
