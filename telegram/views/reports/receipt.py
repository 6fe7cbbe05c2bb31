"""The receipt of a cycle in a chat: one telling sentence, then what it rests on, folded.

CycleRecord -> sentence, votes, rule that blocked, market and its ages, news, money -> Reply

The whole receipt is in the Prefect UI and in `quorum why`; this one holds what a person in a taxi
wants: why, who said what, how old the data was, what stopped it.
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Iterator

from telegram.views.formatting import (
    abstention,
    action,
    age,
    both,
    gain,
    money,
    price,
    show_mode,
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
    speak,
)
from telegram.views.reports.denials import tell_rule
from telegram.views.sentences import translate
from trading.council.decisions import Decision
from trading.cycle import CycleOutcome, CycleRecord, MarketSummary
from trading.domain.accounts import Language
from trading.domain.positions import Position
from trading.domain.units import Mode
from trading.market.snapshot import MarketSource
from trading.reporting.formatting import show_instant, show_percent

MAX_HEADLINES = 4
MAX_RULES = 6

_HEADS = {
    CycleOutcome.ENTERED: both("Entered", ru="Вошли в"),
    CycleOutcome.EXITED: both("Left", ru="Вышли из"),
    CycleOutcome.HELD: both("Held", ru="Ждём:"),
    CycleOutcome.DENIED: both("Denied an entry in", ru="Вход запрещён:"),
    CycleOutcome.SKIPPED: both("Skipped", ru="Пропущен цикл"),
    CycleOutcome.FAILED: both("Failed on", ru="Сбой на"),
    CycleOutcome.INTERRUPTED: both("Was interrupted on", ru="Прерван цикл"),
}
_SOURCES = {
    MarketSource.LIVE: both("live prices", ru="живые цены"),
    MarketSource.RECORDED: both(
        "RECORDED prices, not of now", ru="ЗАПИСАННЫЕ цены, не сегодняшние"
    ),
    MarketSource.SAMPLE: both(
        "SAMPLE prices, made up by a generator", ru="ВЫДУМАННЫЕ цены из генератора"
    ),
}


def render_why(record: CycleRecord, *, language: Language) -> Reply:
    """Why the cycle did what it did, or did nothing."""
    pair = record.key.pair
    head = f"<b>{_HEADS[record.outcome][language]} {pair}</b>."
    return build_reply(
        f"{head} {tell_cycle(record, language=language)}",
        _describe_cycle(record, language),
        fold(_tell_votes(record, language)),
        fold(_tell_rules(record, language)),
        fold(_tell_market(record.market, language)),
        fold(_tell_news(record, language)),
        _tell_money(record, language),
        language=language,
        buttons=(
            (
                Button(
                    label=speak(language, en="Newest", ru="Обновить"),
                    action="why",
                    argument=str(pair),
                ),
                Button(label=speak(language, en="Status", ru="Статус"), action="status"),
            ),
        ),
    )


def tell_cycle(record: CycleRecord, *, language: Language) -> str:
    """HTML: the one sentence that says why."""
    denials = record.risk.denials if record.risk else ()
    if record.outcome is CycleOutcome.DENIED and denials:
        told = tell_rule(denials[0], language=language)
        more = len(denials) - 1
        rest = speak(language, en=f"; and {more} more", ru=f"; и ещё {more}") if more else ""
        says = speak(language, en="Risk says no", ru="Риск против")
        return f"{says}: {quote(told)}{rest}."
    return quote(translate(record.reason, language=language))


def _describe_cycle(record: CycleRecord, language: Language) -> str:
    words = speak(
        language,
        en="real money" if record.mode is Mode.LIVE else "not real money",
        ru="настоящие деньги" if record.mode is Mode.LIVE else "ненастоящие деньги",
    )
    return (
        f"{show_instant(record.key.cycle_time)} · {plain(record.venue)} · "
        f"{show_mode(record.mode)}, {words}"
    )


def _tell_votes(record: CycleRecord, language: Language) -> Iterator[str]:
    yield bold(speak(language, en="Votes", ru="Голоса"))
    if not record.decisions:
        yield speak(language, en="Nobody was asked.", ru="Никого не спрашивали.")
    if record.consensus is not None and record.consensus.reason != record.reason:
        yield quote(translate(record.consensus.reason, language=language))
    for decision in record.decisions:
        yield _tell_vote(decision, language)
    if any(decision.model.is_offline for decision in record.decisions):
        yield speak(
            language,
            en="<i>(offline rules) are fixed rules, not language models.</i>",
            ru="<i>(offline rules) — готовые правила, а не языковые модели.</i>",
        )


def _tell_vote(decision: Decision, language: Language) -> str:
    name = f"<b>{quote(decision.model.name, limit=60)}</b>"
    if decision.proposal is None:
        missing = decision.abstention
        cause = abstention(missing, language=language) if missing else ""
        return f"{name}: {speak(language, en='no vote', ru='без голоса')} — {cause}"
    said = decision.proposal
    late = speak(language, en=" (late, not counted)", ru=" (опоздала, не в счёт)")
    text = (
        f"{name}: {action(said.action, language=language)}, {said.confidence:.0f} %"
        f"{late if decision.is_late else ''}"
    )
    return f"{text} — “{quote(said.reasons[0], limit=160)}”" if said.reasons else text


def _tell_rules(record: CycleRecord, language: Language) -> Iterator[str]:
    risk = record.risk
    if risk is None or not risk.results:
        return
    denials, clamps = risk.denials, risk.clamps
    yield bold(speak(language, en="Risk rules", ru="Правила риска"))
    passed = len(risk.results) - len(denials) - len(clamps)
    yield speak(
        language,
        en=f"{passed} passed, {len(clamps)} made it smaller, {len(denials)} said no.",
        ru=f"Пройдено: {passed}, уменьшили: {len(clamps)}, против: {len(denials)}.",
    )
    for mark, results in (("✗", denials), ("↓", clamps)):
        for result in results[:MAX_RULES]:
            yield f"{mark} {quote(tell_rule(result, language=language), limit=200)}"


def _tell_market(market: MarketSummary | None, language: Language) -> Iterator[str]:
    yield bold(speak(language, en="Market", ru="Рынок"))
    if market is None:
        yield speak(
            language,
            en="No market data reached this cycle.",
            ru="Рыночные данные до этого цикла не дошли.",
        )
        return
    yield f"{_SOURCES[market.source][language]}"
    yield speak(
        language,
        en=f"last {price(market.last_price)}, mark {price(market.mark_price)}, "
        f"spread {show_percent(market.spread_ratio, decimals=3)}",
        ru=f"последняя {price(market.last_price)}, маркировочная {price(market.mark_price)}, "
        f"спред {show_percent(market.spread_ratio, decimals=3)}",
    )
    seconds = speak(language, en="s", ru="с")
    ages = ", ".join(
        f"{plain(name)} {round(it)} {seconds}" for name, it in market.ages_seconds.items()
    )
    if ages:
        yield speak(language, en=f"Age of the data: {ages}", ru=f"Возраст данных: {ages}")
    for finding in market.findings[:3]:
        yield f"⚠️ {quote(finding, limit=160)}"


def _tell_news(record: CycleRecord, language: Language) -> Iterator[str]:
    news = record.news
    mood = f"{news.sentiment.score:+.2f}"
    yield bold(speak(language, en="News", ru="Новости"))
    yield speak(
        language,
        en=f"{news.sentiment.item_count} items, mood {mood} (−1 to +1)",
        ru=f"новостей: {news.sentiment.item_count}, настроение {mood} (от −1 до +1)",
    )
    for item in news.items[:MAX_HEADLINES]:
        old = age(record.as_of - item.published_at, language=language)
        yield f"· {quote(item.source, limit=30)}, {old}: “{quote(item.title, limit=160)}”"
    for warning in news.warnings[:3]:
        yield f"⚠️ {quote(warning, limit=160)}"


def _tell_money(record: CycleRecord, language: Language) -> str:
    portfolio = record.portfolio
    currency = unit(record.key.pair, record.mode)
    position = _tell_position(record.position, language)
    if portfolio is None:
        return position
    return join_lines(
        position,
        speak(
            language,
            en=f"Equity {money(portfolio.equity, language=language)} {currency}, "
            f"net {gain(portfolio.net_pnl, language=language)} {currency}",
            ru=f"Капитал {money(portfolio.equity, language=language)} {currency}, "
            f"итог {gain(portfolio.net_pnl, language=language)} {currency}",
        ),
    )


def _tell_position(position: Position | None, language: Language) -> str:
    if position is None or position.quantity == 0:
        return speak(language, en="Position: flat", ru="Позиция: вне рынка")
    held = f"{side(position.side, language=language)} {price(position.quantity)}"
    entry, stop = price(position.average_entry_price), price(position.stop_price)
    target = price(position.target_price)
    return speak(
        language,
        en=f"Position: {held} from {entry}, stop {stop}, target {target}",
        ru=f"Позиция: {held} от {entry}, стоп {stop}, цель {target}",
    )
