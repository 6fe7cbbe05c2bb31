"""A month of a pair in a third of the room: packed receipts, intents changed in place.

Receipts become bytes; what there is stays JSON in them, and is read as that
(`db.codecs.compression`). An
intent's steps touched its index, because `status` was in it: each left a row and three entries
behind. `finished_at` says the same, and changes once. Three indexes were asked by nobody.
"""

from alembic import op

from db.codecs.compression import unpack
from db.migrations.security import run_statements

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CLOSED = "('resolved', 'abandoned')"
CHUNK = 500

# The owner may be no superuser: policies that are forced would hide every row from it.
MEND_INTENTS = f"""
    ALTER TABLE order_intents NO FORCE ROW LEVEL SECURITY;
    UPDATE order_intents SET finished_at = updated_at
        WHERE status IN {CLOSED} AND finished_at IS NULL;
    UPDATE order_intents SET finished_at = NULL
        WHERE status NOT IN {CLOSED} AND finished_at IS NOT NULL;
    ALTER TABLE order_intents FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    run_statements("""
        ALTER TABLE cycles ALTER COLUMN receipt TYPE BYTEA USING convert_to(receipt::text, 'UTF8');
        DROP INDEX ix_orders_symbol, ix_trades_symbol, ix_ai_spend_call_id, ix_order_intents_open;
    """)
    run_statements(MEND_INTENTS)
    run_statements(f"""
        ALTER TABLE order_intents ADD CONSTRAINT ck_order_intents_finished_is_closed
            CHECK ((status IN {CLOSED}) = (finished_at IS NOT NULL));
        CREATE INDEX ix_order_intents_open ON order_intents (user_id, symbol)
            WHERE finished_at IS NULL;
    """)


def downgrade() -> None:
    run_statements("ALTER TABLE cycles NO FORCE ROW LEVEL SECURITY;")
    _unpack_receipts()
    run_statements(f"""
        ALTER TABLE cycles FORCE ROW LEVEL SECURITY;
        ALTER TABLE cycles
            ALTER COLUMN receipt TYPE JSON USING convert_from(receipt, 'UTF8')::json;
        ALTER TABLE order_intents DROP CONSTRAINT ck_order_intents_finished_is_closed;
        DROP INDEX ix_order_intents_open;
        CREATE INDEX ix_order_intents_open ON order_intents (user_id, symbol)
            WHERE status NOT IN {CLOSED};
        CREATE INDEX ix_orders_symbol ON orders (symbol);
        CREATE INDEX ix_trades_symbol ON trades (symbol);
        CREATE INDEX ix_ai_spend_call_id ON ai_spend (call_id);
    """)


def _unpack_receipts() -> None:
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("migrations need an open connection")
    with driver.cursor("packed") as packed, driver.cursor() as writer:
        packed.execute(
            "SELECT user_id, symbol, cycle_time, receipt FROM cycles WHERE receipt IS NOT NULL"
        )
        while rows := packed.fetchmany(CHUNK):
            writer.executemany(
                "UPDATE cycles SET receipt = %s"
                " WHERE user_id = %s AND symbol = %s AND cycle_time = %s",
                [(unpack(bytes(receipt)), *key) for *key, receipt in rows],
            )
