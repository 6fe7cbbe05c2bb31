-- The newest fills of each user, numbered from 1; at most 100 a user.
CREATE VIEW recent_trades_by_user WITH (security_invoker = true) AS
SELECT *
FROM (
    SELECT
        user_id,
        symbol,
        venue,
        trade_id,
        side,
        fill_price,
        quantity,
        fill_price * quantity AS notional,
        fee,
        is_liquidation,
        filled_at,
        row_number() OVER (PARTITION BY user_id ORDER BY filled_at DESC, trade_id DESC) AS recency
    FROM trades
) AS numbered
WHERE recency <= 100;

GRANT SELECT ON recent_trades_by_user TO quorum_app;
