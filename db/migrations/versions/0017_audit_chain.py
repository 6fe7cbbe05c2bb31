"""The chain of hashes over the audit log; fewer rights for the operator role.

The operator role changes only the columns that its work needs, and no closed cycle: a cycle with
trades could be relabeled as idle and then removed as old.
"""

from db.migrations.security import run_statements
from db.server.roles import OPERATOR_ROLE

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = {
    "users": "trading_state, trading_state_reason, blocked_at, is_banned",
    "cycles": "outcome, closed_at, reason",
    "alerts": "attempts, not_before, delivered_at, dropped_at, last_error, forwarded_at",
    "close_requests": "tried_at, attempts, reason",
}


def upgrade() -> None:
    run_statements("""
        CREATE TABLE audit_chain (
            sequence BIGINT NOT NULL,
            entry_id BIGINT NOT NULL,
            salt BYTEA,
            content BYTEA NOT NULL,
            link BYTEA NOT NULL,
            CONSTRAINT pk_audit_chain PRIMARY KEY (sequence),
            CONSTRAINT uq_audit_chain_entry_id UNIQUE (entry_id),
            CONSTRAINT ck_audit_chain_sequence_positive CHECK (sequence > 0)
        );
    """)
    run_statements(f"""
        REVOKE ALL ON audit_chain FROM PUBLIC;
        GRANT SELECT, INSERT ON audit_chain TO {OPERATOR_ROLE};
        CREATE POLICY closed ON cycles AS RESTRICTIVE FOR UPDATE TO {OPERATOR_ROLE}
            USING (outcome IS NULL) WITH CHECK (true);
    """)
    for table, columns in COLUMNS.items():
        run_statements(f"""
            REVOKE UPDATE ON {table} FROM {OPERATOR_ROLE};
            GRANT UPDATE ({columns}) ON {table} TO {OPERATOR_ROLE};
        """)


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        run_statements(f"""
            REVOKE UPDATE ({columns}) ON {table} FROM {OPERATOR_ROLE};
            GRANT UPDATE ON {table} TO {OPERATOR_ROLE};
        """)
    run_statements("""
        DROP POLICY closed ON cycles;
        DROP TABLE audit_chain;
    """)
