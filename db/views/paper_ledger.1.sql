-- Each paper account beside the sum of its rows, in quote units: the difference is 0, always.
CREATE VIEW paper_ledger WITH (security_invoker = true) AS
SELECT
    counted.*,
    balance - (deposits - withdrawals + realized_pnl - fees - funding) AS difference
FROM (
    SELECT
        accounts.user_id,
        accounts.balance,
        coalesce(transfers.deposits, 0) AS deposits,
        coalesce(transfers.withdrawals, 0) AS withdrawals,
        coalesce(fills.realized_pnl, 0) AS realized_pnl,
        coalesce(fills.fees, 0) AS fees,
        coalesce(payments.funding, 0) AS funding
    FROM paper_accounts AS accounts
    LEFT JOIN LATERAL (
        SELECT
            sum(amount) FILTER (WHERE amount > 0) AS deposits,
            -sum(amount) FILTER (WHERE amount < 0) AS withdrawals
        FROM paper_transfers
        WHERE paper_transfers.user_id = accounts.user_id
    ) AS transfers ON true
    LEFT JOIN LATERAL (
        SELECT sum(realized_pnl) AS realized_pnl, sum(fee) AS fees
        FROM paper_fills
        WHERE paper_fills.user_id = accounts.user_id
    ) AS fills ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount) AS funding
        FROM paper_funding
        WHERE paper_funding.user_id = accounts.user_id
    ) AS payments ON true
) AS counted;

GRANT SELECT ON paper_ledger TO quorum_app;
