"""Modules without a test file of their name, and test files about several modules; why.

`*` in a pattern matches any part of a path. The check reports an entry that matches nothing.
"""

# Pattern of modules -> where their behavior is tested instead.
EXCEPTIONS = {
    # cli
    "cli/base/*": "used by every command; settings by tests/house/test_settings_precedence.py",
    "cli/bench/capacity_curve.py": "tests/cli/bench/test_capacity_figures.py",
    "cli/commands/*": "run as commands by the tests beside them and by tests/cli/test_main.py",
    "cli/config/*": "list and check run through the command: tests/cli/config/test_commands.py",
    "cli/data/progress.py": "tests/cli/data/test_commands.py",
    "cli/demo/*": "one demo runs through all of its parts: tests/cli/demo/test_commands.py",
    "cli/doctor/*": "every check runs through the command: tests/cli/doctor/test_commands.py",
    "cli/people/*": "run as commands by the tests beside them and by tests/commands",
    "cli/stack/*": "started as processes: tests/cli/stack/test_commands.py, test_compose.py",
    # commands
    "commands/*": "every command through both surfaces: tests/commands/test_surfaces.py",
    # flows
    "flows/close_positions.py": "an entrypoint of two lines; tests/tasks/orders",
    "flows/hooks.py": "tests/flows/test_trading_cycle_failures.py",
    "flows/metrics_server.py": "tests/flows/worker/test_worker.py",
    "flows/replay.py": "its kernel runs in tests/cli/demo; the flow only selects the window",
    "flows/watchdog.py": "tests/tasks/monitoring",
    "flows/worker/*": "parts of the worker, which runs real flow runs: tests/flows/worker",
    # telegram
    "telegram/bot/*": "parts of the bot's process: tests/telegram/bot",
    "telegram/delivery/pictures.py": "tests/telegram/delivery/test_outbox.py",
    "telegram/delivery/sending.py": "tests/telegram/delivery/test_outbox.py",
    "telegram/handlers/*": "every command and button through the bot: tests/telegram/handlers",
    "telegram/request/*": "services of the handlers: tests/telegram/handlers",
    "telegram/views/*": "every text in every language: tests/telegram/views/test_views.py",
    # tasks
    "tasks/alerts/*": "every cause of an alert: tests/flows/test_trading_cycle_failures.py",
    "tasks/council/*": "through real model clients: tests/flows/test_trading_cycle_council.py",
    "tasks/cycle/*": "steps of the flow: tests/flows/test_trading_cycle.py",
    "tasks/market/*": "steps of the flow: tests/flows/test_trading_cycle_sharing.py",
    "tasks/monitoring/*": "checks of the watchdog: tests/tasks/monitoring/test_watchdog.py",
    "tasks/orders/*": "one protocol: tests/tasks/orders/test_order_sender.py, tests/campaigns",
    "tasks/recovery/failover.py": "tests/campaigns/chaos",
    "tasks/risk/portfolio.py": "tests/tasks/risk/test_check.py",
    "tasks/runtime/*": "services of every task: tests/tasks, tests/flows",
    # blocks
    "blocks/feed.py": "tests/blocks/feeds/test_feeds.py",
    "blocks/feeds/*": "one double of publishers for all feeds: tests/blocks/feeds/test_feeds.py",
    "blocks/logging/scrubbing.py": "tests/blocks/logging/test_logs.py",
    "blocks/model.py": "tests/blocks/models/test_base.py",
    "blocks/models/*": "one double of vendors for all models: tests/blocks/models/test_base.py",
    "blocks/prefect/*": "against a real server: tests/blocks/prefect/test_gateway.py",
    "blocks/settings.py": "tests/house/test_settings_precedence.py",
    "blocks/venues/base/*": "through both venues: tests/blocks/venues/base/test_exchange.py",
    "blocks/venues/binance/*": "the cases of tests/blocks/venues/base run for both venues",
    "blocks/venues/bybit/*": "the cases of tests/blocks/venues/base run for both venues",
    "blocks/venues/offline/*": "one market: tests/blocks/venues/offline/test_generated.py",
    "blocks/venues/paper/catch_up.py": "tests/blocks/venues/paper/test_exchange.py",
    # db
    "db/engine/*": "below every repository: tests/db/test_session.py",
    "db/models/*": "declarations, compared with the migrations: tests/db/test_migrations.py",
    "db/paper_store.py": "tests/db/repositories/trading/test_paper.py",
    "db/repositories/*": "tests/db/repositories/test_isolation.py calls every method",
    "db/server/*": "one server: tests/db/server/test_embedded.py",
    # reports
    "reports/*": "tests/cli/commands/test_positions.py, tests/telegram/delivery",
    # trading
    "trading/council/forecasts.py": "tests/trading/council/test_scorecard.py",
    "trading/council/decisions.py": "tests/trading/domain/test_values.py",
    "trading/domain/*": "plain values: tests/trading/domain/test_values.py",
    "trading/indicators/values.py": "tests/trading/indicators/test_formulas.py",
    "trading/news/*": "tests/trading/news/test_score_accuracy.py",
    "trading/ports.py": "declarations; every adapter is tested against them",
    "trading/risk/*": "every rule through the engine: tests/trading/risk/test_engine_rules.py",
    "trading/simulation/*": "parts of one exchange: tests/trading/simulation/test_exchange.py",
}

# Test file below tests/ -> the modules that it is about.
CROSS_CUTTING = {
    "commands/test_surfaces.py": "every command through both surfaces",
    "commands/test_transactions.py": "transactions of the surfaces",
    "cli/stack/test_compose.py": "docker-compose.yml",
    "telegram/bot/test_drift.py": "the bot and Prefect's deployments",
    "telegram/bot/test_hostile.py": "hostile input through the whole bot",
    "telegram/bot/test_process.py": "the bot's process",
    "telegram/bot/test_speed.py": "answer times of the whole bot",
    "telegram/handlers/test_answers.py": "every query",
    "telegram/handlers/test_buttons.py": "every button",
    "telegram/handlers/test_commands.py": "every command",
    "telegram/handlers/test_new_user.py": "from /start to the first receipt",
    "telegram/bot/test_panic_outages.py": "/panic through bot, worker, Prefect and database",
    "telegram/bot/test_stop_means_stop.py": "stop commands during slow answers",
    "telegram/views/test_views.py": "every text",
    "tasks/orders/test_venue_risk.py": "positions and clocks at a venue",
    "blocks/feeds/test_feeds.py": "every feed",
    "blocks/models/test_costs.py": "prices and costs of every model client",
    "blocks/models/test_seats.py": "seats of every vendor",
    "blocks/venues/test_ccxt_contracts.py": "the behavior of ccxt",
    "blocks/venues/test_matrix.py": "the Exchange port at every venue",
    "blocks/venues/test_poor_answers.py": "answers with the documented fields only",
    "blocks/venues/test_sentences.py": "what people are told about odd answers",
    "blocks/venues/test_secrets.py": "secrets on the order path",
    "db/repositories/test_isolation.py": "every repository, called by another tenant",
    "db/repositories/test_views.py": "SQL views",
    "db/server/test_server_folders.py": "folders of killed test servers",
    "db/test_checks.py": "CHECK constraints",
    "db/test_migrations.py": "every revision",
    "db/test_sql_stays_here.py": "SQL in other rooms",
    "trading/council/test_arrival_order.py": "votes in every order of arrival",
    "trading/domain/test_values.py": "plain values with validation",
}
