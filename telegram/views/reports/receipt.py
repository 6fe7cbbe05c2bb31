"""The receipt of a cycle in a chat: a single sentence with the reason, then folded details.

CycleRecord -> sentence, votes, blocking rule, market and age of data, news, money -> Reply

The whole receipt is in the Prefect UI and in `quorum why`; the chat holds the short form: the
reason, each model's vote, the age of the data, the blocking rule.
"""

from collections.abc import Iterator

from reports.texts.catalog import render, say
from telegram.views.formatting import (
    abstention,
    action,
    age,
    gain,
    money,
    price,
    show_chance,
    show_mode,
    show_pause,
    side,
    unit,
)
from telegram.views.message import (
    Button,
    Reply,
    bold,
    build_reply,
    fold,
    join_lines,
    plain,
    quote,
)
from trading.council.decisions import Decision
from trading.council.news_check import NewsCheck
from trading.council.seats import explain_voices
from trading.cycle import CycleOutcome, CycleRecord, MarketSummary
from trading.domain.accounts import Language, PairConfig
from trading.domain.positions import Position
from trading.domain.units import Mode
from trading.reporting.formatting import show_instant, show_percent

MAX_HEADLINES = 4
MAX_RULES = 6


def render_why(
    record: CycleRecord, *, config: PairConfig | None = None, language: Language
) -> Reply:
    """Why the cycle traded, or did nothing; `config` is None for a removed pair."""
    pair = record.key.pair
    head = f"<b>{say(language, f'receipt-head-{record.outcome}')} {pair}</b>."
    return build_reply(
        f"{head} {tell_cycle(record, language=language)}",
        _describe_cycle(record, language),
        _describe_pause(config, language),
        fold(_tell_votes(record, language)),
        fold(_tell_rules(record, language)),
        fold(_tell_market(record.market, language)),
        fold(_tell_news(record, language)),
        fold(_tell_news_check(record.news_check, language)),
        _tell_money(record, language),
        language=language,
        buttons=(
            (
                Button(
                    label=say(language, "receipt-newest"),
                    action="why",
                    argument=str(pair),
                ),
                Button(label=say(language, "common-status"), action="status"),
            ),
        ),
    )


def _describe_pause(config: PairConfig | None, language: Language) -> str:
    if config is None or not config.is_paused:
        return ""
    state = show_pause(config, language=language)
    return say(language, "receipt-paused-now", pair=str(config.pair), state=state)


def tell_cycle(record: CycleRecord, *, language: Language) -> str:
    """HTML: a single sentence with the reason."""
    denials = record.risk.denials if record.risk else ()
    if record.outcome is CycleOutcome.DENIED and denials:
        told = render(denials[0].told, language=language)
        more = len(denials) - 1
        rest = say(language, "receipt-more-denials", more=more) if more else ""
        says = say(language, "receipt-denied")
        return f"{says}: {quote(told)}{rest}."
    return quote(render(record.reason, language=language))


def _describe_cycle(record: CycleRecord, language: Language) -> str:
    words = (
        say(language, "receipt-real-money")
        if record.mode is Mode.LIVE
        else say(language, "receipt-not-real-money")
    )
    return (
        f"{show_instant(record.key.cycle_time)} · {plain(record.venue)} · "
        f"{show_mode(record.mode)}, {words}"
    )


def _tell_votes(record: CycleRecord, language: Language) -> Iterator[str]:
    yield bold(say(language, "receipt-votes-title"))
    if not record.decisions:
        yield say(language, "receipt-no-votes")
    if record.consensus is not None and record.consensus.reason != record.reason:
        yield quote(render(record.consensus.reason, language=language))
    for decision in record.decisions:
        yield _tell_vote(decision, language)
    if any(decision.model.is_offline for decision in record.decisions):
        yield say(language, "receipt-offline-rules")
    if warning := explain_voices(decision.model for decision in record.decisions):
        yield quote(render(warning, language=language))


def _tell_vote(decision: Decision, language: Language) -> str:
    name = f"<b>{quote(decision.model.name, limit=60)}</b>"
    if decision.proposal is None:
        missing = decision.abstention
        cause = abstention(missing, language=language) if missing else ""
        return f"{name}: {say(language, 'receipt-no-vote')} — {cause}"
    said = decision.proposal
    late = f" {say(language, 'receipt-late')}"
    text = (
        f"{name}: {action(said.action, language=language)}, {said.confidence:.0f} %"
        f"{show_chance(decision, language=language)}{late if decision.is_late else ''}"
    )
    return f"{text} — “{quote(said.reasons[0], limit=160)}”" if said.reasons else text


def _tell_rules(record: CycleRecord, language: Language) -> Iterator[str]:
    risk = record.risk
    if risk is None or not risk.results:
        return
    denials, clamps = risk.denials, risk.clamps
    yield bold(say(language, "receipt-rules-title"))
    passed = len(risk.results) - len(denials) - len(clamps)
    yield say(language, "receipt-rules", passed=passed, clamps=len(clamps), denials=len(denials))
    for mark, results in (("✗", denials), ("↓", clamps)):
        for result in results[:MAX_RULES]:
            yield f"{mark} {quote(render(result.told, language=language), limit=200)}"


def _tell_market(market: MarketSummary | None, language: Language) -> Iterator[str]:
    yield bold(say(language, "receipt-market-title"))
    if market is None:
        yield say(language, "receipt-no-market")
        return
    yield say(language, f"source-{market.source}")
    yield say(
        language,
        "receipt-prices",
        last_price=price(market.last_price),
        mark_price=price(market.mark_price),
        spread_ratio=show_percent(market.spread_ratio, decimals=3),
    )
    seconds = say(language, "receipt-seconds")
    ages = ", ".join(
        f"{plain(name)} {round(it)} {seconds}" for name, it in market.ages_seconds.items()
    )
    if ages:
        yield say(language, "receipt-ages", ages=ages)
    for finding in market.findings[:3]:
        yield f"⚠️ {quote(finding, limit=160)}"


def _tell_news(record: CycleRecord, language: Language) -> Iterator[str]:
    news = record.news
    mood = news.sentiment
    yield bold(say(language, "receipt-news-title"))
    if mood.is_silent:
        yield say(language, "receipt-news-silent", item_count=mood.item_count)
    else:
        yield say(language, "receipt-news", item_count=mood.item_count, mood=f"{mood.score:+.2f}")
    for item in news.items[:MAX_HEADLINES]:
        old = age(record.as_of - item.published_at, language=language)
        sources = quote(", ".join(item.sources), limit=60)
        yield f"· {sources}, {old}: “{quote(item.title, limit=160)}”"
    for warning in news.warnings[:3]:
        yield f"⚠️ {quote(render(warning, language=language), limit=200)}"


def _tell_news_check(check: NewsCheck | None, language: Language) -> Iterator[str]:
    if check is None:
        return
    yield bold(say(language, "receipt-headlines-title"))
    yield say(language, f"receipt-headlines-{check.effect}", headlines=check.headlines)
    yield say(
        language,
        "receipt-both-answers",
        market=action(check.market.action, language=language),
        market_confidence=f"{check.market.confidence:.0f}",
        answer=action(check.answer.action, language=language),
        answer_confidence=f"{check.answer.confidence:.0f}",
    )
    for decision in check.decisions:
        yield _tell_vote(decision, language)


def _tell_money(record: CycleRecord, language: Language) -> str:
    portfolio = record.portfolio
    currency = unit(record.key.pair, record.mode)
    position = _tell_position(record.position, language)
    if portfolio is None:
        return position
    return join_lines(
        position,
        say(
            language,
            "receipt-equity",
            equity=money(portfolio.equity, language=language),
            currency=currency,
            net_pnl=gain(portfolio.net_pnl, language=language),
        ),
    )


def _tell_position(position: Position | None, language: Language) -> str:
    if position is None or position.quantity == 0:
        return say(language, "common-position-flat")
    held = f"{side(position.side, language=language)} {price(position.quantity)}"
    entry, stop = price(position.average_entry_price), price(position.stop_price)
    target = price(position.target_price)
    return say(language, "receipt-position", held=held, entry=entry, stop=stop, target=target)
