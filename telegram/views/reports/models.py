"""The scorecard: how often each model was right, how sure it was, and what it cost.

Scorecard -> Reply
"""

from reports.texts.catalog import say
from telegram.views.formatting import action, share
from telegram.views.message import Reply, bold, build_reply, join_lines, quote
from trading.council.scorecard import ModelScore, Scorecard
from trading.domain.accounts import Language
from trading.reporting.formatting import UNKNOWN, show_dollars, show_percent

FEW_VOTES = 30
"""Below it a share of right votes says little."""


def render_models(card: Scorecard, *, days: int, language: Language) -> Reply:
    """Each model's record of the last `days` days, beside acting together and doing nothing."""
    title = bold(say(language, "models-title", days=days))
    if not card.models:
        return build_reply(
            title,
            say(language, "models-none"),
            language=language,
        )
    return build_reply(
        title,
        *(_describe(score, language) for score in card.models),
        _compare(card, language),
        say(language, "models-alone-explained"),
        language=language,
    )


def _compare(card: Scorecard, language: Language) -> str:
    together = UNKNOWN if card.quorum is None else show_percent(card.quorum.net_return)
    market = show_percent(card.buy_and_hold_return)
    return say(language, "models-together", together=together, market=market)


def _describe(score: ModelScore, language: Language) -> str:
    votes, right = sum(score.votes.values()), sum(score.right.values())
    silent = sum(score.abstentions.values())
    few = f" {say(language, 'models-few-votes')}" if votes < FEW_VOTES else ""
    cost = show_dollars(score.cost_usd)
    ms = say(language, "models-ms")
    latency = UNKNOWN if score.latency_ms is None else f"{score.latency_ms} {ms}"
    alone = show_percent(score.net_return)
    return join_lines(
        f"<b>{quote(score.model.name, limit=60)}</b>"
        + (f" {say(language, 'models-fixed-rules')}" if score.model.is_offline else ""),
        say(
            language, "models-right", right=right, votes=votes, share=share(right, votes), few=few
        ),
        _describe_actions(score, language),
        say(language, "models-asked", asked=score.asked, silent=silent, late=score.late),
        say(language, "models-alone", alone=alone, cost=cost, latency=latency),
    )


def _describe_actions(score: ModelScore, language: Language) -> str:
    return ", ".join(
        f"{action(kind, language=language)} {score.right.get(kind, 0)}/{count}"
        for kind, count in score.votes.items()
    )
