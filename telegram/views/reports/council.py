"""The council for the operator: the table of the seats, and the answers to one question.

SeatLine ..., CouncilAnswer -> Reply
"""

from collections.abc import Sequence

from commands.council.ask import CouncilAnswer
from commands.council.seats import SeatLine
from reports.texts.catalog import render, say
from telegram.views.formatting import abstention, action, day_hour, show_chance
from telegram.views.message import Reply, bold, build_reply, join_lines, quote
from trading.council.decisions import Decision
from trading.domain.accounts import Language
from trading.reporting.formatting import show_dollars, show_percent


def render_seats(lines: Sequence[SeatLine], *, language: Language) -> Reply:
    """A block for each seat."""
    title = bold(say(language, "seats-title"))
    return build_reply(
        title, *(_describe_seat(line, language) for line in lines), language=language
    )


def render_council_answer(answer: CouncilAnswer, *, language: Language) -> Reply:
    """Votes with reasons, cost and latency; then the agreement."""
    cost = show_dollars(answer.cost_usd)
    return build_reply(
        bold(say(language, "ask-title", pair=str(answer.pair))),
        *(_describe_vote(decision, language) for decision in answer.decisions),
        quote(render(answer.consensus.reason, language=language)),
        say(language, "ask-cost", cost=cost, version=answer.prompt_version),
        language=language,
    )


def _describe_seat(line: SeatLine, language: Language) -> str:
    share, last = line.votes_share, line.last_vote_at
    return join_lines(
        f"<b>{quote(line.seat, limit=60)}</b> ({quote(line.maker, limit=40)})",
        _describe_listing(line, language),
        say(language, "seats-price", price=line.price),
        say(language, "seats-share", share=show_percent(share, decimals=0))
        if share is not None
        else say(language, "seats-no-share"),
        say(language, "seats-last", at=day_hour(last, language=language)) if last else "",
        say(language, "seats-spent", spent=show_dollars(line.spent_today_usd)),
    )


def _describe_listing(line: SeatLine, language: Language) -> str:
    """Existence at the vendor and the shutdown date."""
    if line.is_offline:
        return say(language, "seats-rule")
    day = f"{line.shutdown_on}"
    if line.exists is None:
        return say(language, "seats-unread", note=quote(line.note))
    if not line.exists:
        return say(language, "seats-gone")
    exists = say(language, "seats-exists")
    if line.is_closing:
        return f"{exists}, {say(language, 'seats-closing', day=day)}"
    return f"{exists}, {say(language, 'seats-shutdown', day=day)}" if line.shutdown_on else exists


def _describe_vote(decision: Decision, language: Language) -> str:
    name, usage = f"<b>{quote(decision.model.name, limit=60)}</b>", decision.usage
    took = say(
        language,
        "ask-answer-cost",
        cost=show_dollars(usage.cost_usd),
        latency=usage.latency_ms,
    )
    if decision.proposal is None:
        why = abstention(decision.abstention, language=language) if decision.abstention else ""
        detail = f" ({quote(decision.detail, limit=120)})" if decision.detail else ""
        return join_lines(f"{name}: {say(language, 'receipt-no-vote')} — {why}{detail}", took)
    said = decision.proposal
    return join_lines(
        f"{name}: {action(said.action, language=language)}, {said.confidence:.0f} %"
        f"{show_chance(decision, language=language)}",
        *(f"“{quote(reason)}”" for reason in said.reasons),
        took,
    )
