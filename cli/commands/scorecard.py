"""`quorum stats models`: what each model said, what came of it, what it cost.

votes and outcomes of a user -> Scorecard -> a table or JSON
"""

import asyncio
from dataclasses import asdict
from datetime import timedelta

from cli.base.clock import now_utc
from cli.base.output import print_json
from trading.council.scorecard import ModelScore, Scorecard
from trading.domain.units import ZERO
from trading.reporting.scorecard_text import render_scorecard_text

MODELS = "models"
"""The word in the place of a pair that asks for the scorecard."""

DAYS = 30


def show_scorecard(user: str, *, as_json: bool) -> None:
    """Print the scorecard of the last `DAYS` days."""
    card = asyncio.run(_load_scorecard(user))
    if as_json:
        print_json(_to_json(card))
        return
    print(render_scorecard_text(card, title=f"The council in {DAYS} days"), end="")


async def _load_scorecard(user: str) -> Scorecard:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope, scope.tenant() as tenant:
        return await tenant.decisions.load_scorecard(since=now_utc() - timedelta(days=DAYS))


def _to_json(card: Scorecard) -> dict[str, object]:
    return {
        "since": card.since,
        "models": [_describe(score) for score in card.models],
        "quorum": None if card.quorum is None else _describe(card.quorum),
        "hold_return": ZERO,
        "buy_and_hold_return": card.buy_and_hold_return,
    }


def _describe(score: ModelScore) -> dict[str, object]:
    return {**asdict(score), "accuracy": score.accuracy}
