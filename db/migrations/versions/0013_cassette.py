"""The cassette: every question and every raw answer of the council."""

from db.migrations.security import drop_tables, run_statements, share_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        CREATE TABLE cassette_texts (
            digest TEXT NOT NULL,
            body BYTEA NOT NULL,
            stored_at timestamptz NOT NULL,
            CONSTRAINT pk_cassette_texts PRIMARY KEY (digest)
        );
        CREATE INDEX ix_cassette_texts_stored_at ON cassette_texts (stored_at);
        CREATE TABLE cassette_answers (
            question_digest TEXT NOT NULL,
            seat TEXT NOT NULL,
            asked_at timestamptz NOT NULL,
            options_digest TEXT NOT NULL,
            prompt_version TEXT NOT NULL,
            answered_by TEXT NOT NULL,
            request_id TEXT NOT NULL,
            usage TEXT NOT NULL,
            body BYTEA NOT NULL,
            CONSTRAINT pk_cassette_answers PRIMARY KEY (question_digest, seat, asked_at)
        );
        CREATE INDEX ix_cassette_answers_asked_at ON cassette_answers (asked_at);
    """)
    for table in ("cassette_texts", "cassette_answers"):
        share_table(table, app="SELECT", operator="SELECT, INSERT, DELETE")


def downgrade() -> None:
    drop_tables(("cassette_answers", "cassette_texts"))
