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
