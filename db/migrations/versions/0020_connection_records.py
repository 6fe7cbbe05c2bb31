"""One sealed record for each exchange connection, and the generations of the records.

The old cells stay readable: the master key is outside the database, so a migration can't seal
anew. Every key check is due at once, and the check seals the cells of its user as one record. A
connection with a generation never opens from the old cells again. A later revision drops the
cells.
"""

from db.migrations.security import (
    drop_tables,
    protect_tenant_table,
    run_statements,
)

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements("""
        CREATE TABLE key_generations (
            user_id BIGINT NOT NULL,
            venue TEXT NOT NULL,
            generation BIGINT NOT NULL,
            CONSTRAINT pk_key_generations PRIMARY KEY (user_id, venue, generation),
            CONSTRAINT ck_key_generations_venue_known
                CHECK (venue IN ('binance', 'bybit', 'paper')),
            CONSTRAINT ck_key_generations_generation_positive CHECK (generation > 0),
            CONSTRAINT fk_key_generations_user_id_users FOREIGN KEY(user_id)
                REFERENCES users (user_id) ON DELETE CASCADE
        );
        ALTER TABLE exchange_accounts ADD COLUMN sealed_credentials BYTEA;
        ALTER TABLE exchange_accounts ALTER COLUMN sealed_api_key DROP NOT NULL;
        ALTER TABLE exchange_accounts ALTER COLUMN sealed_api_secret DROP NOT NULL;
        UPDATE key_checks SET due_at = now() WHERE due_at > now();
    """)
    protect_tenant_table("key_generations", rights="SELECT, INSERT")


def downgrade() -> None:
    run_statements("""
        DELETE FROM exchange_accounts WHERE sealed_credentials IS NOT NULL;
        ALTER TABLE exchange_accounts DROP COLUMN sealed_credentials;
        ALTER TABLE exchange_accounts ALTER COLUMN sealed_api_key SET NOT NULL;
        ALTER TABLE exchange_accounts ALTER COLUMN sealed_api_secret SET NOT NULL;
    """)
    drop_tables(("key_generations",))
