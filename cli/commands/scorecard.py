"""`quorum stats models`: each model's votes, results and costs.

commands.stats.load_scorecard -> Scorecard -> a table or JSON
"""

from dataclasses import asdict

from cli.base.output import print_json
from cli.base.user_session import run_command
from reports.documents.scorecard_text import render_scorecard_text
from trading.council.scorecard import ModelScore, Scorecard
from trading.domain.units import ZERO

MODELS = "models"
"""The word in the place of a pair that asks for the scorecard."""


def show_scorecard(user: str, *, as_json: bool) -> None:
    """Print the scorecard of the last 30 days."""
    from commands.stats import SCORECARD_PERIOD, load_scorecard

    card = run_command(user, load_scorecard)
    if as_json:
        print_json(_to_json(card))
        return
    title = f"The council in {SCORECARD_PERIOD.days} days"
    print(render_scorecard_text(card, title=title), end="")


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
