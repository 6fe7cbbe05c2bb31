"""Why something failed, in Russian: the sentences of venues, keys and the database within alerts."""

# ruff: noqa: E501, RUF001  (a form stays whole; Russian letters look like Latin ones)

CAUSES = (
    (
        "{text} is no perpetual; only perpetuals are traded.",
        "{text} — не бессрочный контракт; торгуются только бессрочные.",
    ),
    (
        "{venue} limits the requests of this account for the moment.",
        "{venue} сейчас ограничивает запросы этого счёта.",
    ),
    ("{pair} has no open position.", "По {pair} нет открытой позиции."),
    (
        "{pair} has a capital of {amount} {quote} already.",
        "У {pair} капитал и так {amount} {quote}.",
    ),
    (
        "{pair} has an open position or an unsettled order: its capital can only be raised now.",
        "По {pair} открыта позиция или ордер: сейчас капитал можно только увеличить.",
    ),
    (
        "{amount} {quote} is too little for {pair}: give it at least {least}.",
        "{amount} {quote} мало для {pair}: нужно не меньше {least}.",
    ),
    (
        "There is no finished cycle of your pairs yet.",
        "По вашим парам ещё не было завершённых циклов.",
    ),
    (
        "There is no finished cycle of {pair} yet.",
        "По {pair} ещё не было завершённых циклов.",
    ),
    (
        "There is no finished cycle of {pair} at {time} UTC.",
        "По {pair} нет завершённого цикла в {time} UTC.",
    ),
    (
        "Those were not the words, so nothing was changed: the pair stays on PAPER.",
        "Слова не те, поэтому ничего не изменилось: пара остаётся на PAPER.",
    ),
    (
        "A message has 1 to {most} characters.",
        "В сообщении от 1 до {most} символов.",
    ),
    ("{pair} could not be looked up.", "{pair} не удалось найти."),
    (
        "Our books hold {here} and the venue says {there}.",
        "В нашем учёте {here}, а биржа говорит {there}.",
    ),
    ("Its process was lost before it was finished.", "Его процесс исчез до завершения."),
    ("It failed unexpectedly ({kind}).", "Непредвиденная ошибка ({kind})."),
    ("The venue does not show it.", "На бирже его не видно."),
    ("The paper account is busy.", "Бумажный счёт занят."),
    ("The database has no free connection.", "В базе данных нет свободного соединения."),
    ("The database does not answer.", "База данных не отвечает."),
    (
        "The database was lost while it was committing.",
        "Связь с базой данных пропала в момент записи.",
    ),
    ("The database refused: {why}", "База данных отказала: {why}"),
    ("Another position in {pair} is still open.", "По {pair} ещё открыта другая позиция."),
    (
        "The prices are not the venue's own: nothing is opened with real money.",
        "Цены не с самой биржи: на настоящие деньги ничего не открываем.",
    ),
    (
        "There is no market data for {venue} in this installation.",
        "В этой установке нет рыночных данных {venue}.",
    ),
    (
        "There are paper accounts only here: {pair} trades live at {venue}.",
        "Здесь только бумажные счета, а {pair} торгуется на {venue} по-настоящему.",
    ),
    (
        "{venue} has no accounts that a key opens.",
        "На {venue} нет счетов, которые открывает ключ.",
    ),
    ("{venue} refused it ({why}).", "{venue} отказала ({why})."),
    (
        "{venue} has an order of that name already ({why}).",
        "На {venue} уже есть ордер с этим именем ({why}).",
    ),
    ("{venue} asks us to stay away ({why}).", "{venue} просит подождать ({why})."),
    (
        "{venue} did not say what became of it ({why}).",
        "{venue} не сказала, что с ним стало ({why}).",
    ),
    (
        "{venue} answered, but not about our order.",
        "{venue} ответила, но не о нашем ордере.",
    ),
    ("{venue} refuses to give the {about}: {why}.", "{venue} отказывается отдать {about}: {why}."),
    ("{venue} refuses to give {about} ({kind}).", "{venue} отказывается отдать {about} ({kind})."),
    (
        "{venue} answered in an unknown form: {about}.",
        "{venue} ответила в незнакомом виде: {about}.",
    ),
    (
        "The {venue} key can't be used as it is. {steps}.",
        "Ключ {venue} в таком виде не подходит: {steps}.",
    ),
    ("Tick 'Orders' and 'Positions' under Contract", "включите «Orders» и «Positions» в Contract"),
    ("Tick '{right}'", "включите «{right}»"),
    ("Untick '{right}' under {group}", "выключите «{right}» в {group}"),
    ("Untick '{right}'", "выключите «{right}»"),
    ("Make the key 'Read-Write'", "сделайте ключ «Read-Write»"),
    (
        "Make a new key: the venue does not say what this one may do",
        "создайте новый ключ: биржа не говорит, что можно этому",
    ),
    (
        "Restrict the key to trusted IP addresses",
        "ограничьте ключ доверенными IP-адресами",
    ),
    (
        "Leverage {number} is not a whole number from 1 up.",
        "Плечо {number} — не целое число от 1.",
    ),
    (
        "{venue} allows no leverage {number} for {pair}.",
        "{venue} не даёт плечо {number} по {pair}.",
    ),
    (
        "Leverage {number} is not possible for {pair}: the venue allows 1 to {most}.",
        "Плечо {number} по {pair} невозможно: биржа даёт от 1 до {most}.",
    ),
    (
        "The leverage of {pair} can't change while a position is open.",
        "Плечо по {pair} нельзя менять при открытой позиции.",
    ),
    (
        (
            "The Binance account is in hedge mode. Switch it to one-way mode (Preferences, Position "
            "Mode) and try again."
        ),
        (
            "Счёт Binance в режиме хеджирования. Переключите его в односторонний режим (Preferences, "
            "Position Mode) и повторите."
        ),
    ),
    (
        "{pair} is in hedge mode at Bybit. Switch it to one-way mode and try again.",
        "{pair} на Bybit в режиме хеджирования. Переключите в односторонний режим и повторите.",
    ),
    (
        "{pair} uses cross margin at Binance. Set it to isolated and try again.",
        "{pair} на Binance с кросс-маржой. Переключите на изолированную и повторите.",
    ),
    (
        (
            "The Bybit account does not use isolated margin. It is a setting of the whole account, so "
            "Quorum does not change it: set it and try again."
        ),
        (
            "На счёте Bybit не включена изолированная маржа. Это настройка всего счёта, поэтому Quorum "
            "её не меняет: включите и повторите."
        ),
    ),
)
