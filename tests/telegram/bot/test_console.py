"""The bot without Telegram: the same verbs, buttons by number, no keys."""

from datetime import datetime

from db.session import Database
from telegram.bot.console import TerminalChat
from tests.database import MakeUser
from tests.telegram.stage import open_stage


async def test_a_conversation_in_a_terminal(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    said: list[str] = []
    user_id = await make_user("local")
    async with open_stage(database, now=now, is_polling=False) as stage:
        chat = TerminalChat(stage.services, user_id=user_id, write=said.append)

        async def ask(line: str) -> str:
            said.clear()
            await chat.hear(line)
            return "\n".join(said)

        assert "Added BTC/USDT" in await ask("/addpair BTC/USDT 1000")
        assert "already trade" in await ask("/addpair BTC/USDT 1000")
        assert "[1] Yes, close everything" in await ask("/panic")
        assert "could not" not in await ask("1")
        assert stage.prefect.runs[-1][0] == "close-positions/close-positions"
        assert "quorum connect" in await ask("/connect binance")
        assert "quorum connect" in await ask("/connect binance key secret")
        assert "/help" in await ask("99")
        assert "<" not in await ask("/help")
