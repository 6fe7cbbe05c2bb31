-- What was spent before this revision, taken from the votes: one call for each that cost something.
-- Frozen: a later change is a later revision.

INSERT INTO ai_calls (call_id, day, model, vendor, bound_usd, cost_usd, reserved_at, settled_at)
SELECT
    'vote-' || md5(concat_ws('|', user_id, symbol, cycle_time AT TIME ZONE 'UTC', model)),
    (decided_at AT TIME ZONE 'UTC')::date,
    model,
    vendor,
    cost_usd,
    cost_usd,
    decided_at,
    decided_at
FROM ai_decisions
WHERE cost_usd > 0;

INSERT INTO ai_spend (user_id, symbol, cycle_time, model, day, call_id)
SELECT
    user_id,
    symbol,
    cycle_time,
    model,
    (decided_at AT TIME ZONE 'UTC')::date,
    'vote-' || md5(concat_ws('|', user_id, symbol, cycle_time AT TIME ZONE 'UTC', model))
FROM ai_decisions
WHERE cost_usd > 0;

INSERT INTO ai_days (day, committed_usd)
SELECT day, sum(cost_usd) FROM ai_calls GROUP BY day;
