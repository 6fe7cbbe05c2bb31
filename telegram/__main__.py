"""`python -m telegram`: the bot as a process of its own, started by `quorum up`."""

import asyncio
import logging
import sys

from telegram.app import run_bot
from telegram.logs import log_to_stderr
from telegram.settings import BotSettings
from trading.errors import QuorumError


def main() -> int:
    """Run until stopped; 1 with a sentence when something is missing."""
    log_to_stderr(BotSettings().telegram_bot_token)
    try:
        asyncio.run(run_bot())
    except QuorumError as error:
        logging.getLogger("telegram").error("%s", error.sentence)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
