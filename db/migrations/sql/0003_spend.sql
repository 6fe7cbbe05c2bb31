-- Money for model calls, and what came of votes.
-- Frozen: a later change is a later revision.

ALTER TABLE ai_decisions
    ADD COLUMN price NUMERIC,
    ADD COLUMN position_side TEXT,
    ADD CONSTRAINT ck_ai_decisions_price_positive CHECK (price > 0 AND price < 'Infinity'),
    ADD CONSTRAINT ck_ai_decisions_position_side_known
        CHECK (position_side IN ('long', 'short', 'flat'));

CREATE INDEX ix_ai_decisions_voted ON ai_decisions (decided_at) WHERE action IS NOT NULL;

CREATE TABLE ai_budgets (
    user_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    day_usd NUMERIC NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_budgets PRIMARY KEY (user_id, scope),
    CONSTRAINT ck_ai_budgets_day_usd_not_negative CHECK (day_usd >= 0 AND day_usd < 'Infinity'),
    CONSTRAINT fk_ai_budgets_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON
        DELETE CASCADE
);

CREATE TABLE ai_calls (
    call_id TEXT NOT NULL,
    day DATE NOT NULL,
    model TEXT NOT NULL,
    vendor TEXT NOT NULL,
    bound_usd NUMERIC NOT NULL,
    cost_usd NUMERIC,
    sharers INTEGER DEFAULT 1 NOT NULL,
    reserved_at timestamptz NOT NULL,
    sent_at timestamptz,
    settled_at timestamptz,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_calls PRIMARY KEY (call_id),
    CONSTRAINT ck_ai_calls_bound_usd_not_negative CHECK (bound_usd >= 0 AND bound_usd <
        'Infinity'),
    CONSTRAINT ck_ai_calls_cost_usd_not_negative CHECK (cost_usd >= 0 AND cost_usd < 'Infinity'),
    CONSTRAINT ck_ai_calls_is_shared_by_somebody CHECK (sharers >= 1),
    CONSTRAINT ck_ai_calls_settled_with_cost CHECK ((cost_usd IS NULL) = (settled_at IS NULL))
);

CREATE INDEX ix_ai_calls_day ON ai_calls (day);

CREATE TABLE ai_days (
    day DATE NOT NULL,
    committed_usd NUMERIC NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_days PRIMARY KEY (day),
    CONSTRAINT ck_ai_days_committed_usd_not_negative CHECK (committed_usd >= 0 AND
        committed_usd < 'Infinity')
);

CREATE TABLE ai_outcomes (
    user_id BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    cycle_time timestamptz NOT NULL,
    model TEXT NOT NULL,
    action TEXT NOT NULL,
    confidence NUMERIC NOT NULL,
    is_right BOOLEAN NOT NULL,
    is_taken BOOLEAN NOT NULL,
    net_return NUMERIC NOT NULL,
    ended_at timestamptz NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_outcomes PRIMARY KEY (user_id, symbol, cycle_time, model),
    CONSTRAINT fk_ai_outcomes_user_id_symbol_cycle_time_cycles FOREIGN KEY(user_id, symbol,
        cycle_time) REFERENCES cycles (user_id, symbol, cycle_time) ON DELETE CASCADE,
    CONSTRAINT ck_ai_outcomes_action_known CHECK (action IN ('open_long', 'open_short',
        'close', 'hold')),
    CONSTRAINT ck_ai_outcomes_confidence_range CHECK (confidence BETWEEN 0 AND 100),
    CONSTRAINT ck_ai_outcomes_net_return_finite CHECK (net_return > '-Infinity' AND net_return
        < 'Infinity'),
    CONSTRAINT fk_ai_outcomes_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON
        DELETE CASCADE
);

CREATE TABLE ai_spend (
    user_id BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    cycle_time timestamptz NOT NULL,
    model TEXT NOT NULL,
    day DATE NOT NULL,
    call_id TEXT NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_spend PRIMARY KEY (user_id, symbol, cycle_time, model),
    CONSTRAINT fk_ai_spend_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON
        DELETE CASCADE,
    CONSTRAINT fk_ai_spend_call_id_ai_calls FOREIGN KEY(call_id) REFERENCES ai_calls (call_id)
        ON DELETE CASCADE
);

CREATE INDEX ix_ai_spend_call_id ON ai_spend (call_id);

CREATE INDEX ix_ai_spend_user_id_day ON ai_spend (user_id, day);
