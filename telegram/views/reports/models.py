"""The scorecard: how often each model was right, how sure it was, and what it cost.

Scorecard -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from telegram.views.formatting import action, share
from telegram.views.message import Reply, bold, build_reply, join_lines, quote, speak
from trading.council.scorecard import ModelScore, Scorecard
from trading.domain.accounts import Language
from trading.reporting.formatting import UNKNOWN, show_dollars, show_percent

FEW_VOTES = 30
"""Below it a share of right votes says little."""


def render_models(card: Scorecard, *, days: int, language: Language) -> Reply:
    """Each model's record of the last `days` days, beside acting together and doing nothing."""
    title = bold(speak(language, en=f"Models, last {days} days", ru=f"Модели, дней: {days}"))
    if not card.models:
        return build_reply(
            title,
            speak(
                language,
                en="No model was asked for your pairs in this time.",
                ru="За это время по вашим парам ни одну модель не спрашивали.",
            ),
            language=language,
        )
    return build_reply(
        title,
        *(_describe(score, language) for score in card.models),
        _compare(card, language),
        speak(
            language,
            en="Alone: what following this model only would have come to, of one notional, after "
            "costs. It is no promise.",
            ru="В одиночку: что вышло бы, если слушать только эту модель; доля от суммы сделки, "
            "после издержек. Это не обещание.",
        ),
        language=language,
    )


def _compare(card: Scorecard, language: Language) -> str:
    together = UNKNOWN if card.quorum is None else show_percent(card.quorum.net_return)
    market = show_percent(card.buy_and_hold_return)
    return speak(
        language,
        en=f"Together, by quorum {together} · HOLD 0.00 % · buy-and-hold {market}",
        ru=f"Вместе, кворумом {together} · ничего не делать 0.00 % · купить и держать {market}",
    )


def _describe(score: ModelScore, language: Language) -> str:
    votes, right = sum(score.votes.values()), sum(score.right.values())
    silent = sum(score.abstentions.values())
    few = speak(language, en=" (few votes)", ru=" (мало голосов)") if votes < FEW_VOTES else ""
    cost = show_dollars(score.cost_usd)
    ms = speak(language, en="ms", ru="мс")
    latency = UNKNOWN if score.latency_ms is None else f"{score.latency_ms} {ms}"
    alone = show_percent(score.net_return)
    return join_lines(
        f"<b>{quote(score.model.name, limit=60)}</b>"
        + (
            speak(language, en=" · fixed rules", ru=" · готовые правила")
            if score.model.is_offline
            else ""
        ),
        speak(
            language,
            en=f"Right {right} of {votes}, {share(right, votes)}{few}",
            ru=f"Права {right} из {votes}, {share(right, votes)}{few}",
        ),
        _describe_actions(score, language),
        speak(
            language,
            en=f"Asked {score.asked}, silent {silent}, late {score.late}",
            ru=f"Спрошена {score.asked}, молчала {silent}, опоздала {score.late}",
        ),
        speak(
            language,
            en=f"Alone {alone} · cost {cost} · {latency}",
            ru=f"В одиночку {alone} · расход {cost} · {latency}",
        ),
    )


def _describe_actions(score: ModelScore, language: Language) -> str:
    return ", ".join(
        f"{action(kind, language=language)} {score.right.get(kind, 0)}/{count}"
        for kind, count in score.votes.items()
    )
