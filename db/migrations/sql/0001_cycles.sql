-- Cycles with receipts, votes, and what votes cost.
-- Frozen: a later change is a later revision.

CREATE TABLE ai_spend (
    user_id BIGINT NOT NULL,
    day DATE NOT NULL,
    model TEXT NOT NULL,
    vendor TEXT NOT NULL,
    calls BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cached_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_usd NUMERIC NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_spend PRIMARY KEY (user_id, day, model),
    CONSTRAINT ck_ai_spend_cost_usd_not_negative CHECK (cost_usd >= 0 AND cost_usd < 'Infinity'),
    CONSTRAINT ck_ai_spend_usage_not_negative CHECK (calls >= 0 AND input_tokens >= 0 AND
        cached_input_tokens >= 0 AND output_tokens >= 0),
    CONSTRAINT fk_ai_spend_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE
        CASCADE
);

CREATE INDEX ix_ai_spend_day ON ai_spend (day);

CREATE TABLE cycles (
    user_id BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    cycle_time timestamptz NOT NULL,
    mode TEXT NOT NULL,
    venue TEXT NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    outcome TEXT,
    reason TEXT DEFAULT '' NOT NULL,
    receipt JSON,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_cycles PRIMARY KEY (user_id, symbol, cycle_time),
    CONSTRAINT ck_cycles_mode_known CHECK (mode IN ('paper', 'live', 'replay')),
    CONSTRAINT ck_cycles_venue_known CHECK (venue IN ('binance', 'bybit', 'paper')),
    CONSTRAINT ck_cycles_outcome_known CHECK (outcome IN ('entered', 'exited', 'held', 'denied',
        'skipped', 'failed', 'interrupted')),
    CONSTRAINT ck_cycles_closed_with_outcome CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    CONSTRAINT fk_cycles_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE
        CASCADE
);

CREATE INDEX ix_cycles_unclosed ON cycles (opened_at) WHERE outcome IS NULL;

CREATE TABLE ai_decisions (
    user_id BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    cycle_time timestamptz NOT NULL,
    model TEXT NOT NULL,
    vendor TEXT NOT NULL,
    is_offline BOOLEAN NOT NULL,
    action TEXT,
    abstention TEXT,
    confidence NUMERIC,
    stop_pct NUMERIC,
    target_pct NUMERIC,
    detail TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost_usd NUMERIC NOT NULL,
    latency_ms INTEGER NOT NULL,
    decided_at timestamptz NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_ai_decisions PRIMARY KEY (user_id, symbol, cycle_time, model),
    CONSTRAINT fk_ai_decisions_user_id_symbol_cycle_time_cycles FOREIGN KEY(user_id, symbol,
        cycle_time) REFERENCES cycles (user_id, symbol, cycle_time) ON DELETE CASCADE,
    CONSTRAINT ck_ai_decisions_action_known CHECK (action IN ('open_long', 'open_short', 'close',
        'hold')),
    CONSTRAINT ck_ai_decisions_abstention_known CHECK (abstention IN ('deadline', 'unavailable',
        'budget', 'refused', 'malformed', 'not_configured')),
    CONSTRAINT ck_ai_decisions_vote_or_abstention CHECK ((action IS NULL) <> (abstention IS NULL)),
    CONSTRAINT ck_ai_decisions_confidence_range CHECK (confidence BETWEEN 0 AND 100),
    CONSTRAINT ck_ai_decisions_stop_pct_positive CHECK (stop_pct > 0 AND stop_pct < 'Infinity'),
    CONSTRAINT ck_ai_decisions_target_pct_positive CHECK (target_pct > 0 AND target_pct <
        'Infinity'),
    CONSTRAINT ck_ai_decisions_cost_usd_not_negative CHECK (cost_usd >= 0 AND cost_usd <
        'Infinity'),
    CONSTRAINT ck_ai_decisions_usage_not_negative CHECK (input_tokens >= 0 AND cached_input_tokens
        >= 0 AND output_tokens >= 0 AND latency_ms >= 0),
    CONSTRAINT fk_ai_decisions_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON
        DELETE CASCADE
);
