-- One row for each user: what is set aside, what stands, what was earned, when it last looked.
CREATE VIEW user_overview WITH (security_invoker = true) AS
SELECT
    users.user_id,
    users.name,
    users.trading_state,
    users.is_banned,
    coalesce(configs.pairs, 0) AS pairs,
    coalesce(configs.paused_pairs, 0) AS paused_pairs,
    coalesce(configs.capital, 0) AS capital,
    coalesce(books.open_positions, 0) AS open_positions,
    coalesce(books.closed_positions, 0) AS closed_positions,
    coalesce(books.net_pnl, 0) AS net_pnl,
    last_cycle.cycle_time AS last_cycle_time,
    last_cycle.outcome AS last_outcome
FROM users
LEFT JOIN LATERAL (
    SELECT
        count(*) AS pairs,
        count(*) FILTER (WHERE is_paused) AS paused_pairs,
        sum(capital) AS capital
    FROM user_configs
    WHERE user_configs.user_id = users.user_id
) AS configs ON true
LEFT JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE closed_at IS NULL) AS open_positions,
        count(*) FILTER (WHERE closed_at IS NOT NULL) AS closed_positions,
        sum(realized_pnl - fees - funding) AS net_pnl
    FROM positions
    WHERE positions.user_id = users.user_id
) AS books ON true
LEFT JOIN LATERAL (
    SELECT cycle_time, outcome
    FROM cycles
    WHERE cycles.user_id = users.user_id
    ORDER BY cycle_time DESC
    LIMIT 1
) AS last_cycle ON true;

GRANT SELECT ON user_overview TO quorum_app, quorum_operator;
