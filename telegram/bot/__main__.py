"""`python -m telegram.bot`: the bot as a separate process, started by `quorum up`."""

import asyncio
import logging
import sys

from db.engine.settings import DatabaseSettings
from telegram.bot.app import run_bot
from telegram.bot.logs import keep_logs
from telegram.request.settings import BotSettings
from trading.domain.errors import QuorumError


def main() -> int:
    """Run until stopped; 1 with a sentence when something is missing."""
    keep_logs(DatabaseSettings().home / "logs", token=BotSettings().telegram_bot_token)
    code = 0
    try:
        asyncio.run(run_bot())
    except* QuorumError as group:
        for error in group.exceptions:
            logging.getLogger("telegram").error("%s", getattr(error, "sentence", error))
        code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
