-- The scorecard: what each model said to each user, what came of it, what it cost and took.
-- Returns are ratios of one notional after costs, summed over pairs; HOLD has earned 0.
CREATE VIEW ai_provider_stats_by_user WITH (security_invoker = true) AS
SELECT
    said.*,
    0::numeric AS hold_return,
    coalesce(outcomes.judged, 0) AS judged,
    coalesce(outcomes.right_votes, 0) AS right_votes,
    coalesce(outcomes.right_entries, 0) AS right_entries,
    coalesce(outcomes.right_closes, 0) AS right_closes,
    coalesce(outcomes.right_holds, 0) AS right_holds,
    coalesce(outcomes.net_return, 0) AS net_return,
    coalesce(quorums.net_return, 0) AS quorum_net_return,
    markets.buy_and_hold_return,
    coalesce(costs.cost_usd, 0) AS cost_usd
FROM (
    SELECT
        user_id,
        vendor,
        model,
        is_offline,
        count(*) AS asked,
        count(*) FILTER (WHERE abstention IS NULL) AS votes,
        count(*) FILTER (WHERE abstention IS NOT NULL) AS abstentions,
        count(*) FILTER (WHERE detail LIKE 'late%') AS late,
        count(*) FILTER (WHERE action IN ('open_long', 'open_short')) AS entry_votes,
        count(*) FILTER (WHERE action = 'close') AS close_votes,
        count(*) FILTER (WHERE action = 'hold') AS hold_votes,
        avg(confidence) AS average_confidence,
        avg(latency_ms) FILTER (WHERE abstention IS NULL) AS average_latency_ms,
        sum(input_tokens::bigint) AS input_tokens,
        sum(output_tokens::bigint) AS output_tokens,
        max(cycle_time) AS last_cycle_time
    FROM ai_decisions
    GROUP BY user_id, vendor, model, is_offline
) AS said
LEFT JOIN (
    SELECT
        user_id,
        model,
        count(*) AS judged,
        count(*) FILTER (WHERE is_right) AS right_votes,
        count(*) FILTER (WHERE is_right AND action IN ('open_long', 'open_short')) AS right_entries,
        count(*) FILTER (WHERE is_right AND action = 'close') AS right_closes,
        count(*) FILTER (WHERE is_right AND action = 'hold') AS right_holds,
        sum(net_return) FILTER (WHERE is_taken) AS net_return
    FROM ai_outcomes
    GROUP BY user_id, model
) AS outcomes USING (user_id, model)
LEFT JOIN (
    SELECT user_id, sum(net_return) FILTER (WHERE is_taken) AS net_return
    FROM ai_outcomes
    WHERE model = 'quorum'
    GROUP BY user_id
) AS quorums USING (user_id)
LEFT JOIN (
    SELECT user_id, sum(last_price / first_price - 1) AS buy_and_hold_return
    FROM (
        SELECT
            user_id,
            (array_agg(price ORDER BY cycle_time))[1] AS first_price,
            (array_agg(price ORDER BY cycle_time DESC))[1] AS last_price
        FROM ai_decisions
        WHERE price IS NOT NULL
        GROUP BY user_id, symbol
    ) AS ends
    GROUP BY user_id
) AS markets USING (user_id)
LEFT JOIN (
    SELECT
        ai_spend.user_id,
        ai_spend.model,
        sum(coalesce(ai_calls.cost_usd, ai_calls.bound_usd) / ai_calls.sharers) AS cost_usd
    FROM ai_spend
    JOIN ai_calls USING (call_id)
    GROUP BY ai_spend.user_id, ai_spend.model
) AS costs USING (user_id, model);

GRANT SELECT ON ai_provider_stats_by_user TO quorum_app, quorum_operator;
