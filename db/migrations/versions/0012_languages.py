"""Languages: those of the catalogs, so the database checks only the form of a code."""

from db.migrations.security import run_statements

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        ALTER TABLE users DROP CONSTRAINT ck_users_language_known,
            ADD CONSTRAINT ck_users_language_form CHECK (language ~ '^[a-z]{2,3}$');
    """)


def downgrade() -> None:
    run_statements("""
        ALTER TABLE users DROP CONSTRAINT ck_users_language_form;
        UPDATE users SET language = 'en' WHERE language NOT IN ('en', 'ru');
        ALTER TABLE users
            ADD CONSTRAINT ck_users_language_known CHECK (language IN ('en', 'ru'));
    """)
