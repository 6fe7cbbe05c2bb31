-- What the bot remembers; see db/models/bot.py.

ALTER TABLE users
    ADD COLUMN blocked_at timestamptz,
    ADD COLUMN muted_alerts JSONB DEFAULT '[]' NOT NULL;

CREATE TABLE bot_updates (
    update_id BIGINT NOT NULL,
    taken_at timestamptz NOT NULL,
    CONSTRAINT pk_bot_updates PRIMARY KEY (update_id)
);

CREATE INDEX ix_bot_updates_taken_at ON bot_updates (taken_at);

CREATE TABLE bot_buttons (
    token TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    argument TEXT NOT NULL,
    expires_at timestamptz NOT NULL,
    pressed_at timestamptz,
    row_created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_bot_buttons PRIMARY KEY (token),
    CONSTRAINT ck_bot_buttons_token_length CHECK (char_length(token) BETWEEN 16 AND 64),
    CONSTRAINT fk_bot_buttons_user_id_users FOREIGN KEY (user_id) REFERENCES users (user_id)
        ON DELETE CASCADE
);

CREATE INDEX ix_bot_buttons_user_id_expires_at ON bot_buttons (user_id, expires_at);

CREATE TABLE bot_dialogs (
    user_id BIGINT NOT NULL,
    step TEXT NOT NULL,
    detail JSONB DEFAULT '{}' NOT NULL,
    asked_at timestamptz NOT NULL,
    row_created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_bot_dialogs PRIMARY KEY (user_id),
    CONSTRAINT fk_bot_dialogs_user_id_users FOREIGN KEY (user_id) REFERENCES users (user_id)
        ON DELETE CASCADE
);

CREATE TABLE limit_raises (
    user_id BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    row_created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_limit_raises PRIMARY KEY (user_id, symbol, name),
    CONSTRAINT fk_limit_raises_user_id_users FOREIGN KEY (user_id) REFERENCES users (user_id)
        ON DELETE CASCADE
);

CREATE INDEX ix_limit_raises_due_at ON limit_raises (due_at);
