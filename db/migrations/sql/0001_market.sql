-- What is the same for all users.
-- Frozen: a later change is a later revision.

CREATE TABLE instruments (
    venue TEXT NOT NULL,
    symbol TEXT NOT NULL,
    venue_symbol TEXT NOT NULL,
    tick_size NUMERIC NOT NULL,
    step_size NUMERIC NOT NULL,
    min_quantity NUMERIC NOT NULL,
    max_quantity NUMERIC NOT NULL,
    min_notional NUMERIC NOT NULL,
    max_leverage NUMERIC NOT NULL,
    maintenance_margin_ratio NUMERIC NOT NULL,
    maker_fee_rate NUMERIC NOT NULL,
    taker_fee_rate NUMERIC NOT NULL,
    fetched_at timestamptz NOT NULL,
    row_created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_instruments PRIMARY KEY (venue, symbol),
    CONSTRAINT ck_instruments_venue_known CHECK (venue IN ('binance', 'bybit', 'paper')),
    CONSTRAINT ck_instruments_tick_size_positive CHECK (tick_size > 0 AND tick_size < 'Infinity'),
    CONSTRAINT ck_instruments_step_size_positive CHECK (step_size > 0 AND step_size < 'Infinity'),
    CONSTRAINT ck_instruments_min_quantity_positive CHECK (min_quantity > 0 AND min_quantity <
        'Infinity'),
    CONSTRAINT ck_instruments_max_quantity_positive CHECK (max_quantity > 0 AND max_quantity <
        'Infinity'),
    CONSTRAINT ck_instruments_max_leverage_positive CHECK (max_leverage > 0 AND max_leverage <
        'Infinity'),
    CONSTRAINT ck_instruments_maintenance_margin_ratio_positive CHECK (maintenance_margin_ratio > 0
        AND maintenance_margin_ratio < 'Infinity'),
    CONSTRAINT ck_instruments_min_notional_not_negative CHECK (min_notional >= 0 AND min_notional <
        'Infinity'),
    CONSTRAINT ck_instruments_maker_fee_rate_not_negative CHECK (maker_fee_rate >= 0 AND
        maker_fee_rate < 'Infinity'),
    CONSTRAINT ck_instruments_taker_fee_rate_not_negative CHECK (taker_fee_rate >= 0 AND
        taker_fee_rate < 'Infinity')
);

CREATE INDEX ix_instruments_symbol ON instruments (symbol);

CREATE TABLE market_snapshots (
    venue TEXT NOT NULL,
    symbol TEXT NOT NULL,
    cycle_time timestamptz NOT NULL,
    source TEXT NOT NULL,
    last_price NUMERIC NOT NULL,
    mark_price NUMERIC NOT NULL,
    spread_ratio NUMERIC NOT NULL,
    funding_rate NUMERIC,
    summary JSON NOT NULL,
    row_created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_market_snapshots PRIMARY KEY (venue, symbol, cycle_time),
    CONSTRAINT ck_market_snapshots_venue_known CHECK (venue IN ('binance', 'bybit', 'paper')),
    CONSTRAINT ck_market_snapshots_source_known CHECK (source IN ('live', 'recorded', 'sample')),
    CONSTRAINT ck_market_snapshots_last_price_positive CHECK (last_price > 0 AND last_price <
        'Infinity'),
    CONSTRAINT ck_market_snapshots_mark_price_positive CHECK (mark_price > 0 AND mark_price <
        'Infinity'),
    CONSTRAINT ck_market_snapshots_spread_ratio_not_negative CHECK (spread_ratio >= 0 AND
        spread_ratio < 'Infinity'),
    CONSTRAINT ck_market_snapshots_funding_rate_finite CHECK (funding_rate > '-Infinity' AND
        funding_rate < 'Infinity')
);

CREATE INDEX ix_market_snapshots_symbol_cycle_time ON market_snapshots (symbol, cycle_time);
