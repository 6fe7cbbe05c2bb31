-- How each model served each user: votes, abstentions, confidence, cost in USD, latency in ms.
CREATE VIEW ai_provider_stats_by_user WITH (security_invoker = true) AS
SELECT
    user_id,
    vendor,
    model,
    is_offline,
    count(*) FILTER (WHERE abstention IS NULL) AS votes,
    count(*) FILTER (WHERE abstention IS NOT NULL) AS abstentions,
    count(*) FILTER (WHERE action IN ('open_long', 'open_short')) AS entry_votes,
    count(*) FILTER (WHERE action = 'close') AS close_votes,
    count(*) FILTER (WHERE action = 'hold') AS hold_votes,
    avg(confidence) AS average_confidence,
    avg(latency_ms) FILTER (WHERE abstention IS NULL) AS average_latency_ms,
    sum(input_tokens::bigint) AS input_tokens,
    sum(output_tokens::bigint) AS output_tokens,
    sum(cost_usd) AS cost_usd,
    max(cycle_time) AS last_cycle_time
FROM ai_decisions
GROUP BY user_id, vendor, model, is_offline;

GRANT SELECT ON ai_provider_stats_by_user TO quorum_app, quorum_operator;
