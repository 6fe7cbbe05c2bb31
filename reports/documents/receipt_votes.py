"""The part of a receipt about the council: votes, abstentions, and the news in the prompt.

Decision, Consensus -> describe_votes; NewsDigest -> describe_news -> Section

Models and headlines are quoted, never believed: the words pass `quote_stranger` and stand in
quotation marks.
"""

from datetime import datetime
from decimal import Decimal

from reports.documents.receipt_layout import Section, Table
from reports.texts.catalog import render
from trading.council.consensus import Consensus
from trading.council.decisions import Abstention, Decision, Usage
from trading.council.news_check import NewsCheck, NewsEffect
from trading.council.seats import explain_voices
from trading.news.items import NewsDigest, NewsItem, SentimentScore
from trading.reporting.formatting import (
    UNKNOWN,
    quote_stranger,
    show_age,
    show_dollars,
    show_figure,
)

MAX_HEADLINES = 8

_ABSTENTIONS = {
    Abstention.DEADLINE: "no answer in time",
    Abstention.UNAVAILABLE: "not reachable",
    Abstention.BUDGET: "over budget, not asked",
    Abstention.REFUSED: "refused to answer",
    Abstention.MALFORMED: "answered outside the schema",
    Abstention.FABRICATED: "quoted a figure that no fact has",
    Abstention.NOT_CONFIGURED: "not configured",
}
_EFFECTS = {
    NewsEffect.KEPT: "the entry is confirmed",
    NewsEffect.WEAKENED: "the entry is confirmed with a lower confidence, so it is smaller",
    NewsEffect.STOPPED: "the entry is not confirmed: hold",
    NewsEffect.UNANSWERED: "too few models answered: hold",
    NewsEffect.CLOSED: "the position is closed",
    NewsEffect.UNMOVED: "nothing changes, the market's answer counts",
}
_HEAD = (
    "voter", "vote", "confidence", "wins of 100", "stop %", "target %",
    "tokens", "cost", "latency",
)  # fmt: skip


def describe_votes(decisions: tuple[Decision, ...], *, consensus: Consensus | None) -> Section:
    """Every vote and abstention with latency and cost, the consensus, and the given reasons."""
    if not decisions:
        return Section(title="Council", lines=("Nobody was asked.",))
    lines = () if consensus is None else (_describe_consensus(consensus),)
    if editions := sorted({d.prompt_version for d in decisions if d.prompt_version}):
        lines = (*lines, f"Question: edition {', '.join(editions)}.")
    if any(d.model.is_offline for d in decisions):
        lines = (*lines, "Voters marked (offline rules) are fixed rules, not language models.")
    if warning := explain_voices(d.model for d in decisions):
        lines = (*lines, quote_stranger(render(warning)))
    return Section(
        title="Council",
        lines=lines,
        table=Table(head=_HEAD, rows=tuple(map(_vote_row, decisions))),
        notes=tuple(note for decision in decisions for note in _vote_notes(decision)),
    )


def describe_news_check(check: NewsCheck | None) -> Section:
    """Both answers, the effect of the headlines, and the votes on the second question."""
    if check is None:
        return Section(title="Headlines", lines=("Not asked about: they could change nothing.",))
    lines = (
        f"Asked again with headlines ({check.headlines}): {_EFFECTS[check.effect]}.",
        f"On the market alone: {_describe_consensus(check.market)}",
        f"With headlines: {_describe_consensus(check.answer)}",
    )
    if not check.decisions:
        return Section(title="Headlines", lines=(*lines, "No time was left to ask."))
    return Section(
        title="Headlines",
        lines=lines,
        table=Table(head=_HEAD, rows=tuple(map(_vote_row, check.decisions))),
        notes=tuple(note for decision in check.decisions for note in _vote_notes(decision)),
    )


def describe_news(news: NewsDigest, *, as_of: datetime) -> Section:
    """The mood, the phrases behind the mood, the newest stories, the failed feeds."""
    failures = (f"Feed warning: {quote_stranger(str(warning))}" for warning in news.warnings)
    return Section(
        title="News",
        lines=(_describe_mood(news.sentiment),),
        notes=(*(_describe_story(s, as_of=as_of) for s in news.items[:MAX_HEADLINES]), *failures),
    )


def _describe_mood(mood: SentimentScore) -> str:
    if not mood.item_count:
        return "No stories in the last hours."
    told = f"Stories: {mood.item_count}, sources: {mood.source_count}, mood"
    if mood.is_silent:
        return f"{told}: silent, no story says anything good or bad."
    phrases = ", ".join(f"{quote_stranger(word)} {weight:+.2f}" for word, weight in mood.words)
    return f"{told} {mood.score:+.2f} (-1 to +1): {phrases}."


def _describe_story(story: NewsItem, *, as_of: datetime) -> str:
    sources = ", ".join(quote_stranger(source) for source in story.sources)
    told = f"{sources}, {show_age(as_of - story.published_at)} ago"
    return f"{told}: “{quote_stranger(story.title)}”" + (f" {story.link}" if story.link else "")


def _describe_consensus(consensus: Consensus) -> str:
    return (
        f"{consensus.action.value}: {consensus.agreement} of {consensus.answers} answers agree, "
        f"{consensus.quorum} needed{_name_settling(consensus)}; "
        f"confidence {show_figure(consensus.confidence, decimals=0)}, "
        f"wins {show_figure(consensus.win_probability, decimals=0)} of 100, "
        f"stop {show_figure(consensus.stop_pct)} %, target {show_figure(consensus.target_pct)} %."
    )


def _name_settling(consensus: Consensus) -> str:
    """The voices whose levels count; empty in receipts from before the field existed."""
    return f", settled by {', '.join(consensus.settled_by)}" if consensus.settled_by else ""


def _vote_row(decision: Decision) -> tuple[str, ...]:
    proposal, usage = decision.proposal, decision.usage
    name = quote_stranger(decision.model.name)
    if decision.model.is_offline and "offline" not in name:
        name += " (offline rules)"
    took = (_show_tokens(usage), show_dollars(usage.cost_usd), f"{usage.latency_ms} ms")
    if proposal is None:
        return (name, "abstained", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, *took)
    return (
        name,
        f"{proposal.action.value} (late, not counted)" if decision.is_late else proposal.action,
        show_figure(proposal.confidence, decimals=0),
        _show_chance(decision),
        _show_pct(proposal.stop_pct),
        _show_pct(proposal.target_pct),
        *took,
    )


def _vote_notes(decision: Decision) -> tuple[str, ...]:
    name, proposal = quote_stranger(decision.model.name), decision.proposal
    if proposal is None:
        why = _ABSTENTIONS[decision.abstention] if decision.abstention else UNKNOWN
        detail = quote_stranger(decision.detail)
        return (f"{name} abstained: {why}" + (f" ({detail})." if detail else "."),)
    said = " ".join(f"“{quote_stranger(reason)}”" for reason in proposal.reasons)
    mind = quote_stranger(proposal.would_change_mind)
    return (
        f"{name}: {said or 'gave no reason.'}"
        + (f" Would change its mind: “{mind}”" if mind else ""),
    )


def _show_tokens(usage: Usage) -> str:
    if not usage.input_tokens and not usage.output_tokens:
        return UNKNOWN
    cached = f" ({usage.cached_input_tokens:,} cached)" if usage.cached_input_tokens else ""
    return f"{usage.input_tokens:,}{cached} in, {usage.output_tokens:,} out"


def _show_chance(decision: Decision) -> str:
    """The stated win probability; the number of a rule is an assumption and labelled so."""
    chance = None if decision.proposal is None else decision.proposal.win_probability
    if chance is None:
        return UNKNOWN
    return f"{chance:.0f}" + (" (assumed)" if decision.model.is_offline else "")


def _show_pct(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"
