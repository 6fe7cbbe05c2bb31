-- The table of sums as it was, filled from the votes.
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

INSERT INTO ai_spend (
    user_id, day, model, vendor, calls, input_tokens, cached_input_tokens, output_tokens, cost_usd
)
SELECT
    user_id,
    (decided_at AT TIME ZONE 'UTC')::date,
    model,
    vendor,
    count(*),
    sum(input_tokens),
    sum(cached_input_tokens),
    sum(output_tokens),
    sum(cost_usd)
FROM ai_decisions
WHERE cost_usd > 0
GROUP BY 1, 2, 3, 4;
