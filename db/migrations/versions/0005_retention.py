"""The watchdog may remove what is old: settled messages, and cycles that did nothing.

The policies are a wall of their own: whatever the watchdog asks for, nothing younger goes, no
message that is still owed and no cycle that traded.
"""

from db.migrations.security import run_statements
from db.server.roles import OPERATOR_ROLE

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statements(f"""
        CREATE POLICY keep ON alerts AS RESTRICTIVE FOR DELETE TO {OPERATOR_ROLE}
            USING (COALESCE(delivered_at, dropped_at) < now() - interval '1 day');
        CREATE POLICY keep ON cycles AS RESTRICTIVE FOR DELETE TO {OPERATOR_ROLE}
            USING (outcome IN ('held', 'denied', 'skipped')
                AND closed_at < now() - interval '1 day');
        GRANT DELETE ON alerts, cycles TO {OPERATOR_ROLE};
    """)


def downgrade() -> None:
    run_statements(f"""
        REVOKE DELETE ON alerts, cycles FROM {OPERATOR_ROLE};
        DROP POLICY keep ON alerts;
        DROP POLICY keep ON cycles;
    """)
