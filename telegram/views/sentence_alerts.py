"""Bodies of alerts in Russian: forms written by `tasks.alerts.trading` and the watchdog."""

# ruff: noqa: E501, RUF001  (a form stays whole; Russian letters look like Latin ones)

ALERTS = (
    (
        "{pair}: opened long {quantity} at {price}.",
        "{pair}: открыт лонг {quantity} по {price}.",
    ),
    (
        "{pair}: opened short {quantity} at {price}.",
        "{pair}: открыт шорт {quantity} по {price}.",
    ),
    (
        "{pair}: stop hit at {price}, net {net} after fees and funding.",
        "{pair}: сработал стоп по {price}, итог {net} после комиссий и фандинга.",
    ),
    (
        "{pair}: target hit at {price}, net {net} after fees and funding.",
        "{pair}: цель достигнута по {price}, итог {net} после комиссий и фандинга.",
    ),
    (
        "{pair}: LIQUIDATED by the venue at {price}, net {net} after fees and funding.",
        "{pair}: биржа ЛИКВИДИРОВАЛА позицию по {price}, итог {net} после комиссий и фандинга.",
    ),
    (
        "{pair}: closed at {price}, net {net} after fees and funding.",
        "{pair}: закрыто по {price}, итог {net} после комиссий и фандинга.",
    ),
    (
        "{pair}: {rest}, net {net} after fees and funding.",
        "{pair}: {rest}, итог {net} после комиссий и фандинга.",
    ),
    ("stop hit", "сработал стоп"),
    ("target hit", "цель достигнута"),
    ("closed", "закрыто"),
    ("LIQUIDATED by the venue", "биржа ЛИКВИДИРОВАЛА позицию"),
    (
        "{pair}: the stop could not be placed ({rest_why}) The position was closed at once.",
        "{pair}: стоп поставить не удалось ({rest_why}) Позиция сразу закрыта.",
    ),
    (
        (
            "{pair}: the stop could not be placed ({rest_why}) Closing it is not proven yet and is "
            "tried again every few minutes: look at the venue yourself."
        ),
        (
            "{pair}: стоп поставить не удалось ({rest_why}) Закрытие ещё не подтверждено, повторяем "
            "каждые несколько минут: проверьте на бирже сами."
        ),
    ),
    (
        (
            "{pair}: {venue} did not say whether it took the {rest_leg} order of {quantity}. It is "
            "not sent again; it is looked up until that is proven, and nothing new is opened until "
            "then."
        ),
        (
            "{pair}: {venue} не подтвердила {rest_leg} ордер на {quantity}. Второй раз его не "
            "отправляем, а ищем, пока не узнаем точно; до тех пор ничего нового не открываем."
        ),
    ),
    (
        "{pair}: the {rest_leg} order that was in doubt was found at the venue and is booked.",
        "{pair}: {rest_leg} ордер, судьба которого была неясна, нашёлся на бирже и учтён.",
    ),
    (
        (
            "{pair}: the {rest_leg} order that was in doubt never reached the venue: nothing of it "
            "was seen in all this time."
        ),
        (
            "{pair}: {rest_leg} ордер, судьба которого была неясна, до биржи не дошёл: за всё это "
            "время его там не видели."
        ),
    ),
    ("entry", "входной"),
    ("exit", "выходной"),
    ("stop", "стоп-"),
    ("target", "целевой"),
    (
        "{pair}: {rest} Nothing new is opened until our books and the venue agree.",
        (
            "{pair}: наш учёт и биржа расходятся: {rest} Пока не сойдутся, ничего нового не "
            "открываем."
        ),
    ),
    (
        (
            "{rest_scope}: the breaker opened ({rest_code}: {figures}). No entries until {until}; "
            "stops stay."
        ),
        (
            "{rest_scope}: защитная пауза ({rest_code}: {figures}). Входов нет до {until}; стопы "
            "остаются."
        ),
    ),
    (
        "{rest_scope}: the breaker closed, entries are possible again.",
        "{rest_scope}: защитная пауза снята, входы снова возможны.",
    ),
    ("All your pairs", "Все ваши пары"),
    (
        "Entries are allowed again for {rest_whom}. Reason: {reason}.",
        "Входы снова разрешены {rest_whom}. Причина: {reason}.",
    ),
    (
        (
            "Trading is HALTED for {rest_whom}: nothing new is opened; exits, stops and cancels go on. "
            "Reason: {reason}."
        ),
        (
            "СТОП {rest_whom}: ничего нового не открываем; выходы, стопы и отмены работают. "
            "Причина: {reason}."
        ),
    ),
    (
        (
            "Trading is REDUCING for {rest_whom}: nothing new is opened; exits, stops and cancels go on. "
            "Reason: {reason}."
        ),
        (
            "Только выходы {rest_whom}: ничего нового не открываем; выходы, стопы и отмены работают. "
            "Причина: {reason}."
        ),
    ),
    ("everybody", "для всех"),
    ("user {number}", "для участника {number}"),
    ("binance", "для Binance"),
    ("bybit", "для Bybit"),
    (
        (
            "{rest_whose} is used up for {day} (UTC): {cap} a day. What does not fit any more is not asked "
            "until midnight UTC, so nothing is opened without a quorum. Stops and targets stay at the "
            "venue, and closing by hand needs no model."
        ),
        (
            "{rest_whose} на {day} (UTC) исчерпан: {cap} в день. Что в него уже не помещается, до полуночи "
            "UTC не спрашиваем, а без кворума ничего не открываем. Стопы и цели остаются на бирже, закрыть "
            "вручную можно и без моделей."
        ),
    ),
    ("{pair}: your budget for it", "{pair}: ваш бюджет на пару"),
    ("Your budget for models", "Ваш бюджет на модели"),
    ("The whole installation's budget for models", "Общий бюджет на модели"),
    ("LOSSES_IN_A_ROW", "убытки подряд"),
    ("DAY_LOSS", "дневной лимит убытка"),
    (
        (
            "{pair}: equity is {equity}, above your threshold of {threshold}. {amount} of it is "
            "settled profit that you could take out."
        ),
        (
            "{pair}: капитал {equity} выше вашего порога {threshold}. Из него {amount} — закрытая "
            "прибыль, её можно вывести."
        ),
    ),
    (
        (
            "{pair}: the cycle of {time} did not finish. {rest} Stops stay at the venue; orders "
            "are checked within minutes."
        ),
        (
            "{pair}: цикл {time} не завершился. {rest} Стопы остаются на бирже; ордера проверим "
            "за несколько минут."
        ),
    ),
    (
        "Cycles of {pair} at {venue} are skipped: {rest}",
        "Циклы {pair} на {venue} пропускаются: {rest}",
    ),
    (
        (
            "Nothing new is opened at {venue}: {rest} It is checked again every hour, and at "
            "once after /connect; exits, stops and cancels go on."
        ),
        (
            "На {venue} ничего нового не открываем: {rest} Проверяем снова каждый час и сразу "
            "после /connect; выходы, стопы и отмены работают."
        ),
    ),
    (
        "{pair}: {amount} of profit was set aside and is traded with no longer.",
        "{pair}: прибыль {amount} отложена и больше не торгуется.",
    ),
    (
        (
            "{pair}: {amount} of profit was moved to your funding wallet at {venue} and is traded with "
            "no longer."
        ),
        "{pair}: прибыль {amount} переведена в ваш кошелёк на {venue} и больше не торгуется.",
    ),
    (
        "{pair}: {amount} of profit was not moved: {rest}",
        "{pair}: прибыль {amount} не переведена: {rest}",
    ),
    (
        (
            "{pair}: {amount} of profit never showed up among the transfers at {venue}. It counts as "
            "not moved: look at your wallets there."
        ),
        (
            "{pair}: прибыль {amount} так и не появилась среди переводов на {venue}. Считаем, что она "
            "не переведена: проверьте там свои кошельки."
        ),
    ),
    (
        (
            "{pair}: {venue} did not say whether it moved {amount} of profit. It is not asked to again; "
            "it is looked up, and counts as moved until then."
        ),
        (
            "{pair}: {venue} не подтвердила перевод прибыли {amount}. Второй раз не просим, а ищем его; "
            "до тех пор считаем прибыль переведённой."
        ),
    ),
    (
        "The {venue} key is fine again: entries are possible.",
        "Ключ {venue} снова в порядке: входы возможны.",
    ),
    (
        "No model answered for {pair}: every cycle holds until one does.",
        "Ни одна модель не ответила по {pair}: пока не ответят, ничего не делаем.",
    ),
)
