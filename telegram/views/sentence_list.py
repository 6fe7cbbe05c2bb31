"""Russian forms of the domain's sentences: answers to requests, results of cycles.

"{name}" in the English form stands for a figure or a name and is carried over; "{rest...}" is
another sentence, "{list...}" several sentences with commas between, "{steps}" with semicolons.
The first form that fits the whole sentence is taken, so special forms stand before general forms.
"""

# ruff: noqa: E501, RUF001  (a form stays whole; Russian letters look like Latin ones)

import re
from re import Pattern

from telegram.views.sentence_alerts import ALERTS
from telegram.views.sentence_causes import CAUSES

_HOLE = re.compile(r"\{(\w+)\}")

REQUESTS = (
    ("This user is gone.", "Такого пользователя больше нет."),
    ("You already trade {pair}: remove it first.", "Вы уже торгуете {pair}: сначала уберите её."),
    (
        "{amount} {quote} can't be traded: the amount must be above 0.",
        "{amount} {quote} не подходит: сумма должна быть больше нуля.",
    ),
    (
        "{amount} {quote} is more than the {most} one pair may have.",
        "{amount} {quote} — слишком много: на пару можно не больше {most}.",
    ),
    (
        "{amount} {quote} has more than two decimals.",
        "{amount} {quote}: после точки не больше двух знаков.",
    ),
    (
        (
            "{amount} {quote} is too little for {pair}: the smallest order there is {least} {quote2} "
            "and a position may take {share} of the amount, so give it at least {minimum} {quote3}."
        ),
        (
            "{amount} {quote} мало для {pair}: наименьший ордер там {least} {quote2}, а позиция может "
            "занять {share} суммы, поэтому нужно не меньше {minimum} {quote3}."
        ),
    ),
    (
        "You do not trade {pair}. Your pairs: none yet.",
        "Пары {pair} у вас нет. Пока нет ни одной.",
    ),
    (
        "You do not trade {pair}. Your pairs: {known}.",
        "Пары {pair} у вас нет. Ваши пары: {known}.",
    ),
    (
        "You trade no pair yet: add one, for example BTC/USDT 1000.",
        "У вас пока нет пар: добавьте, например BTC/USDT 1000.",
    ),
    (
        "{text} is not a time like 2025-03-01T12:00 (UTC).",
        "{text} — не время; нужно вроде 2025-03-01T12:00 (UTC).",
    ),
    (
        "{pair} still has an open position of {quantity}: close it first, then remove the pair.",
        "По {pair} ещё открыта позиция {quantity}: сначала закройте её, потом уберите пару.",
    ),
    (
        "{pair} has {count} orders that are not settled yet: try again in a few minutes.",
        "По {pair} ещё не завершены ордера ({count}): попробуйте через несколько минут.",
    ),
    (
        "A name has 1 to {most} characters, this one {count}.",
        "В имени от 1 до {most} символов, а здесь {count}.",
    ),
    (
        "A name has printable characters only.",
        "В имени могут быть только печатные символы.",
    ),
    (
        "{name} looks like a user's number: a name needs a letter.",
        "{name} похоже на номер участника: в имени нужна хотя бы одна буква.",
    ),
    (
        "{text} is no venue that can be connected: binance or bybit.",
        "{text} подключить нельзя: только binance или bybit.",
    ),
    (
        "An API key and its secret are both needed.",
        "Нужны и API-ключ, и секрет к нему.",
    ),
    (
        "{text} is not a pair: both sides are {base}.",
        "{text} — не пара: с обеих сторон {base}.",
    ),
    ("{text} is not a pair like BTC/USDT.", "{text} — не пара; нужно вроде BTC/USDT."),
    ("{name}: {number} is not a number.", "{name}: {number} — не число."),
    ("{text} is no venue: {known}.", "{text} — нет такой биржи: {known}."),
    ("A reason has printable characters only.", "В причине могут быть только печатные символы."),
    ("Say why, in 1 to {most} characters.", "Напишите причину, от 1 до {most} символов."),
    (
        "{pair} trades live at {venue} and needs the key: put it on paper first.",
        "{pair} торгует на {venue} на настоящие деньги, и ключ ей нужен: сначала верните её на PAPER.",
    ),
    ("You can't ban yourself.", "Закрыть доступ самому себе нельзя."),
    (
        "Live trading is locked in this installation: the pair stays on paper.",
        "Торговля на настоящие деньги здесь закрыта оператором: пара остаётся на PAPER.",
    ),
    (
        "Live trading is locked in this installation: nothing new is opened.",
        "Торговля на настоящие деньги здесь закрыта оператором: ничего нового не открываем.",
    ),
    (
        "The {venue} key may trade, and neither withdraw nor transfer.",
        "Ключ {venue} может торговать, но не выводить и не переводить деньги.",
    ),
    (
        "The {venue} key may trade and move profit to your funding wallet there, and not withdraw.",
        "Ключ {venue} может торговать и переводить прибыль в ваш кошелёк там же, но не выводить.",
    ),
    (
        "The {venue} key may trade and move profit to your funding wallet there, and not withdraw. {rest}",
        "Ключ {venue} может торговать и переводить прибыль в ваш кошелёк там же, но не выводить. {rest}",
    ),
    (
        "The {venue} key may trade, and neither withdraw nor transfer. {rest}",
        "Ключ {venue} может торговать, но не выводить и не переводить деньги. {rest}",
    ),
    ("{text} is not a number.", "{text} — не число."),
    ("{text} is not a finite number.", "{text} — не конечное число."),
    ("{text} is not a limit.", "{text} — нет такого лимита."),
    (
        "{name} can only be lowered: {new} is above the limit of {old}.",
        "{name} можно только понижать: {new} больше разрешённых {old}.",
    ),
    (
        "{name} can only be raised: {new} is below the limit of {old}.",
        "{name} можно только повышать: {new} меньше разрешённых {old}.",
    ),
    (
        "{name} must be a whole number, got {number}.",
        "{name} — целое число, а здесь {number}.",
    ),
    ("{name} must be at most {most}.", "{name} — не больше {most}."),
    ("{name} must be at most {most}, got {number}.", "{name} — не больше {most}, а не {number}."),
    (
        "{name} must be at least {least}, got {number}.",
        "{name} — не меньше {least}, а не {number}.",
    ),
    ("{name} must be above 0, got {number}.", "{name} должно быть больше нуля, а не {number}."),
    (
        "Write a subject ({names}) and on or off, like: trades off.",
        "Напишите тему ({names}) и on или off, например: trades off.",
    ),
    (
        "A day's budget is 0 to {most} dollars, or off.",
        "Бюджет на день — от 0 до {most} долларов или off.",
    ),
    (
        "{text} is not a language I speak: en or ru.",
        "{text} — на этом языке я не говорю: en или ru.",
    ),
    (
        "You trade {count} pairs, and {most} is the most.",
        "У вас уже {count} пар, а можно не больше {most}.",
    ),
    ("There is no user {user}.", "Участника {user} нет."),
    ("{pair} is already there.", "{pair} уже есть."),
    ("{name} is not deployed.", "{name} пока не развёрнут."),
    (
        "{name} is running already: wait for it to end.",
        "{name} уже выполняется: дождитесь окончания.",
    ),
)

CYCLES = (
    (
        "{n} of {of} answers say {rest} ({quorum} needed).",
        "{n} из {of} ответов — {rest} (нужно {quorum}).",
    ),
    (
        "{n} of {of} answers say {rest} ({quorum} needed); {who} contradicted {themselves}.",
        "{n} из {of} ответов — {rest} (нужно {quorum}); сами себе противоречат: {who}.",
    ),
    ("Nobody answered ({quorum} needed): hold.", "Никто не ответил (нужно {quorum}): ждём."),
    (
        "Nobody answered ({quorum} needed); {who} contradicted {themselves}: hold.",
        "Никто не ответил (нужно {quorum}); сами себе противоречат: {who}. Ждём.",
    ),
    (
        "Only one answer, {rest} ({quorum} needed): hold.",
        "Ответ всего один — {rest} (нужно {quorum}): ждём.",
    ),
    (
        "Only one answer, {rest} ({quorum} needed); {who} contradicted {themselves}: hold.",
        "Ответ всего один — {rest} (нужно {quorum}); сами себе противоречат: {who}. Ждём.",
    ),
    (
        "No agreement: {list} ({quorum} needed): hold.",
        "Согласия нет: {list} (нужно {quorum}): ждём.",
    ),
    (
        "No agreement: {list} ({quorum} needed); {who} contradicted {themselves}: hold.",
        "Согласия нет: {list} (нужно {quorum}); сами себе противоречат: {who}. Ждём.",
    ),
    ("{n} open long", "{n} — открыть лонг"),
    ("{n} open short", "{n} — открыть шорт"),
    ("{n} close", "{n} — закрыть"),
    ("{n} hold", "{n} — ждать"),
    ("open long", "открыть лонг"),
    ("open short", "открыть шорт"),
    ("close", "закрыть"),
    ("hold", "ждать"),
    ("Bought {quantity} {base} at {price}.", "Куплено {quantity} {base} по {price}."),
    ("Sold {quantity} {base} at {price}.", "Продано {quantity} {base} по {price}."),
    ("Bought {quantity} {base}.", "Куплено {quantity} {base}."),
    ("Sold {quantity} {base}.", "Продано {quantity} {base}."),
    ("The council closed the position.", "Совет закрыл позицию."),
    (
        "The position ended as soon as it was open.",
        "Позиция закрылась сразу после открытия.",
    ),
    ("Not entered: the order did not fill.", "Не вошли: ордер не исполнился."),
    ("Not entered: {rest}", "Не вошли: {rest}"),
    (
        "The entry is in doubt and is looked up until it is proven: {rest}",
        "Судьба входа неясна, ищем, пока не узнаем точно: {rest}",
    ),
    ("The exit has not filled yet.", "Выход ещё не исполнился."),
    ("It was never sent.", "Ордер не отправлялся."),
    ("The venue does not show it.", "Биржа его не показывает."),
    ("Its lease ran out unsent.", "Время на отправку вышло, ордер не отправлен."),
    ("Another worker is at it.", "Этим занят другой процесс."),
    ("The leverage was not set: {rest}", "Плечо не удалось выставить: {rest}"),
    (
        "entered, but closed at once without a stop: {rest}",
        "вошли, но сразу закрыли, потому что стоп не встал: {rest}",
    ),
    ("No market data: {rest}", "Нет рыночных данных: {rest}"),
    (
        "The market data of {pair} at {venue} took too long.",
        "Рыночные данные {pair} на {venue} не пришли вовремя.",
    ),
    ("The account could not be read: {rest}", "Не удалось прочитать счёт: {rest}"),
    ("Bad market data, hold: {rest}", "Плохие рыночные данные, ждём: {rest}"),
    ("{pair} is paused.", "{pair} на паузе."),
    ("{pair} is not traded any more.", "{pair} больше не торгуется."),
    ("This cycle has been run already.", "Этот цикл уже был."),
    (
        "It was due at {time} and starts too late to be of use.",
        "Он должен был начаться в {time} и уже опоздал.",
    ),
    ("Nothing to decide.", "Решать нечего."),
    (
        "The process that ran this cycle ended before it was finished.",
        "Процесс этого цикла оборвался, не закончив работу.",
    ),
    ("The process that ran it is gone.", "Процесс, который его вёл, исчез."),
    ("It was stopped before it was finished.", "Его остановили до завершения."),
    ("{pair} is not traded in this market.", "{pair} на этом рынке не торгуется."),
    ("{venue} does not trade a perpetual of {pair}.", "{venue} не торгует фьючерсом {pair}."),
    (
        "{venue} has no perpetual of {pair} that we trade.",
        "На {venue} нет фьючерса {pair}, которым мы торгуем.",
    ),
    ("No key for {venue} is connected.", "Ключ {venue} не подключён."),
    (
        "{venue} gave no {about} within {seconds} s.",
        "{venue} не ответила за {seconds} с на запрос: {about}.",
    ),
    ("{venue} gave no {about}.", "{venue} не ответила на запрос: {about}."),
    (
        "{venue} does not allow leverage {leverage} for {pair}.",
        "{venue} не даёт плечо {leverage} по {pair}.",
    ),
)


def _compile(form: str) -> Pattern[str]:
    """Compile the form to a pattern of a whole sentence, with the placeholders as named groups."""
    parts = _HOLE.split(form)
    return re.compile(
        "".join(
            f"(?P<{part}>.+?)" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        ),
        re.DOTALL,
    )


PATTERNS = tuple(
    (_compile(form), russian) for form, russian in (*REQUESTS, *ALERTS, *CAUSES, *CYCLES)
)
"""Each English form, compiled, with its Russian template."""
