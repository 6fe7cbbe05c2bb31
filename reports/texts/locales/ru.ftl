### Тексты Quorum на русском языке.

## place

place-VENUE = БИРЖА
place-PAIR = ПАРА
place-AMOUNT = СУММА
place-LIMIT = ЛИМИТ
place-VALUE = ЗНАЧЕНИЕ
place-DOLLARS = ДОЛЛАРЫ
place-REASON = ПРИЧИНА
place-USER = УЧАСТНИК
place-TEXT = ТЕКСТ

## language

language-name = Русский
language-unknown = { $text } — на этом языке я не говорю: { $known }.
language-question = На каком языке общаться?
language-changed = Теперь я говорю с вами по-русски.

## thousands

thousands-separator = { " " }

## day

day-hour = { $day } { $month } { $hour }

## age

age-minutes = { $count } мин
age-hours = { $count } ч
age-days = { $count } дн.

## people

people-invitation-example = /start КОД
people-registered = Здравствуйте, { $name }! Вы зарегистрированы.
people-welcome-back = С возвращением, { $name }.
people-signup-closed = Регистрация закрыта: новых участников бот сейчас не принимает.
people-invitation-needed = Бот работает по приглашениям. Откройте ссылку-приглашение или пришлите { $example }.
people-banned = Оператор закрыл вам доступ. Новых сделок не будет; стопы открытых позиций остаются на месте.
people-stranger = Мы ещё не знакомы: сначала отправьте /start.
people-introduction = Каждые 30 минут я смотрю на рынок, независимо спрашиваю несколько ИИ-моделей и действую, только если достаточно из них согласны и все правила риска это разрешают. Начинаете вы на { $paper } — учебных деньгах: они ненастоящие, потерять своё нельзя.
people-first-step =
    Добавьте пару и сумму: { $example }
    Всё, что я умею: /help
people-first-pair-button = Добавить BTC/USDT, 1000 PAPER
people-help-button = Помощь

## message

message-cut = <i>… дальше обрезано: в одно сообщение больше не помещается.</i>

## month

month-1 = янв.
month-2 = фев.
month-3 = марта
month-4 = апр.
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = авг.
month-9 = сент.
month-10 = окт.
month-11 = нояб.
month-12 = дек.

## side

side-long = ЛОНГ
side-short = ШОРТ
side-flat = вне рынка

## order

order-side-buy = куплено
order-side-sell = продано

## action

action-open_long = открыть лонг
action-open_short = открыть шорт
action-close = закрыть
action-hold = ждать

## outcome

outcome-entered = вошли
outcome-exited = вышли
outcome-held = ждём
outcome-denied = вход запрещён
outcome-skipped = пропущен
outcome-failed = сбой
outcome-interrupted = прерван

## abstention

abstention-deadline = не успела ответить
abstention-unavailable = недоступна
abstention-budget = не спрошена: исчерпан бюджет
abstention-refused = отказалась отвечать
abstention-malformed = ответила не по форме
abstention-fabricated = выдумала числа
abstention-not_configured = не настроена

## breaker

breaker-LOSSES_IN_A_ROW = убытки подряд
breaker-DAY_LOSS = дневной лимит убытка

## state

state-active = торговля включена
state-reducing = только выходы, входов нет
state-halted = СТОП: ничего не открываем

## topic

topic-trades = открытие и закрытие сделок
topic-notices = уведомления
topic-digest = сводка за день

## limit

limit-max_position_ratio = позиция, доля капитала
limit-risk_per_trade_ratio = потеря на стопе, доля
limit-max_leverage = плечо
limit-max_drawdown_ratio = просадка
limit-max_day_loss_ratio = убыток за день
limit-max_losses_in_a_row = убытков подряд
limit-max_open_positions = открытых позиций
limit-max_entries_per_day = входов за сутки
limit-max_order_notional = размер ордера
limit-min_confidence = уверенность совета
limit-min_reward_to_risk = цель к стопу
limit-max_spread_ratio = спред
limit-profit_withdrawal_ratio = напомнить о прибыли

## help

help-group-trade = Торговля
help-group-look = Посмотреть
help-group-stop = Остановить
help-group-money = Лимиты и настоящие деньги
help-group-settings = Настройки
help-group-admin = Оператор
help-paper = Суммы с пометкой PAPER — ненастоящие деньги.
help-form = Пишется так:
help-example = Например:
help-unknown-command = Я не знаю команды «{ $said }». Всё, что я умею: /help
audit-empty = Пока ничего не меняли.
audit-title = Ваш журнал действий
stray-key-deleted = Сообщение похоже на API-ключ: оно удалено и не использовано. Telegram его уже передал, поэтому замените ключ на бирже. Подключить биржу: /connect
stray-key-left = Сообщение похоже на API-ключ, а Telegram не дал его удалить. Удалите его сами и замените ключ на бирже. Подключить биржу: /connect

## headline

headline-trade_opened = Позиция открыта
headline-trade_closed = Позиция закрыта
headline-stop_hit = Сработал стоп
headline-target_hit = Цель достигнута
headline-liquidated = ЛИКВИДАЦИЯ
headline-protection_failed = Защита не сработала
headline-breaker_opened = Защитная пауза
headline-breaker_closed = Защитная пауза снята
headline-order_in_doubt = Судьба ордера неясна
headline-order_resolved = С ордером разобрались
headline-books_differ = Учёт расходится с биржей
headline-venue_down = Биржа недоступна
headline-models_down = Модели молчат
headline-bad_data = Плохие рыночные данные
headline-cycle_missed = Цикл пропущен
headline-cycle_failed = Сбой цикла
headline-budget_reached = Бюджет исчерпан
headline-withdrawal_due = Можно вывести прибыль
headline-state_changed = Режим торговли изменён
headline-restarted = Перезапуск
headline-daily_digest = Ваш день
headline-system = Сообщение от оператора

## denial

denial-TRADING_REDUCING = сейчас разрешены только выходы
denial-TRADING_HALTED = торговля остановлена
denial-PAIR_PAUSED = пара на паузе
denial-NOT_RECONCILED = учёт ещё не сверен с биржей
denial-ORDER_IN_DOUBT = судьба прошлого ордера ещё неясна
denial-BARE_POSITION = есть позиция без стопа
denial-BREAKER_OPEN = по паре действует защитная пауза
denial-USER_BREAKER_OPEN = защитная пауза действует по всем парам
denial-CLOCK_OFFSET = наши часы расходятся с биржевыми
denial-DRAWDOWN_LIMIT = достигнут лимит просадки
denial-DAY_LOSS_LIMIT = достигнут дневной лимит убытка
denial-DUPLICATE_ORDER = такой же вход был только что
denial-TOO_MANY_ENTRIES = слишком много входов за сутки
denial-TOO_MANY_REJECTIONS = биржа отклонила слишком много ордеров
denial-LOSS_COOLDOWN = только что закрыт убыток, ждём
denial-TOO_MANY_POSITIONS = слишком много открытых позиций
denial-BAD_MARKET_DATA = плохие рыночные данные
denial-STALE_MARKET_DATA = рыночные данные устарели
denial-STALE_RULES = правила биржи давно не обновлялись
denial-BOOK_MISSING = нет стакана
denial-BOOK_TOO_THIN = стакан слишком тонкий
denial-SPREAD_TOO_WIDE = слишком широкий спред
denial-PRICE_DEVIATION = цены противоречат друг другу
denial-INDICATOR_MISSING = не хватает индикатора
denial-BOLLINGER_TOO_WIDE = рынок слишком неспокойный
denial-FUNDING_TOO_HIGH = слишком дорогой фандинг
denial-QUORUM_MISSING = нет кворума
denial-CONFIDENCE_TOO_LOW = совет недостаточно уверен
denial-STOP_MISSING = не назван стоп
denial-STOP_TOO_CLOSE = стоп слишком близко
denial-STOP_TOO_FAR = стоп слишком далеко
denial-TARGET_MISSING = не названа цель
denial-TARGET_TOO_CLOSE = цель слишком близко
denial-REWARD_TOO_SMALL = цель слишком мала для такого стопа
denial-COSTS_TOO_HIGH = издержки съедят слишком много от цели
denial-EXPECTED_VALUE_TOO_LOW = сделка прибыльна слишком редко для такого стопа, цели и издержек
denial-WIN_PROBABILITY_MISSING = вероятность прибыли не названа
denial-NEWS_VETO = новости против
denial-NEWS_DOUBT = заголовки снизили уверенность, поэтому заявка меньше
denial-ALREADY_POSITIONED = позиция уже открыта
denial-NOTHING_TO_CLOSE = закрывать нечего
denial-STOP_BEYOND_LIQUIDATION = ликвидация наступит раньше стопа
denial-LEVERAGE_LIMIT = лимит плеча
denial-POSITION_LIMIT = лимит позиции
denial-EXPOSURE_LIMIT = лимит суммы всех позиций
denial-DIRECTION_LIMIT = слишком много в одну сторону
denial-BALANCE_LIMIT = не хватает баланса
denial-LOSS_ROOM_LIMIT = до дневного лимита убытка не осталось места
denial-BOOK_SHARE_LIMIT = ордер съест слишком много стакана
denial-NOTIONAL_ABOVE_MAX = ордер слишком велик
denial-QUANTITY_ABOVE_MAX = биржа не примет такой большой ордер
denial-QUANTITY_BELOW_MIN = количество меньше минимума биржи
denial-NOTIONAL_BELOW_MIN = ордер меньше минимума биржи
denial-PROTECTION_TOO_CLOSE = стоп и цель оказались бы рядом с ценой



## receipt

receipt-head-entered = Вошли в
receipt-head-exited = Вышли из
receipt-head-held = Ждём:
receipt-head-denied = Вход запрещён:
receipt-head-skipped = Пропущен цикл
receipt-head-failed = Сбой на
receipt-head-interrupted = Прерван цикл
receipt-newest = Обновить
receipt-paused-now = Циклы сейчас не запускаются. { $pair }: { $state }. Запустить их снова: /resume.
receipt-more-denials = ; и ещё { $more }
receipt-denied = Риск против
receipt-real-money = настоящие деньги
receipt-not-real-money = ненастоящие деньги
receipt-votes-title = Голоса
receipt-chance = прибыль в { $chance } из 100
receipt-chance-assumed = прибыль в { $chance } из 100 (допущение правила)
receipt-no-votes = Никого не спрашивали.
receipt-offline-rules = <i>(offline rules) — готовые правила, а не языковые модели.</i>
receipt-no-vote = без голоса
receipt-late = (опоздала, не в счёт)
receipt-rules-title = Правила риска
receipt-rules = Пройдено: { $passed }, уменьшили: { $clamps }, против: { $denials }.
receipt-market-title = Рынок
receipt-no-market = Рыночные данные до этого цикла не дошли.
receipt-prices = последняя { $last_price }, маркировочная { $mark_price }, спред { $spread_ratio }
receipt-seconds = с
receipt-ages = Возраст данных: { $ages }
receipt-news-title = Новости
receipt-news = новостей: { $item_count }, настроение { $mood } (от −1 до +1)
receipt-news-silent = новостей: { $item_count }, ни одна не говорит ни хорошего, ни плохого
receipt-headlines-title = Заголовки
receipt-headlines-kept = Повторный вопрос с заголовками ({ $headlines }): вход подтверждён.
receipt-headlines-weakened = Повторный вопрос с заголовками ({ $headlines }): вход подтверждён с меньшей уверенностью, поэтому заявка меньше.
receipt-headlines-stopped = Повторный вопрос с заголовками ({ $headlines }): вход не подтверждён, ждём.
receipt-headlines-unanswered = Повторный вопрос с заголовками ({ $headlines }): ответило слишком мало моделей, ждём.
receipt-headlines-closed = Повторный вопрос с заголовками ({ $headlines }): позиция закрыта.
receipt-headlines-unmoved = Повторный вопрос с заголовками ({ $headlines }): ничего не меняется.
receipt-both-answers = Только рынок: { $market }, { $market_confidence } %. С заголовками: { $answer }, { $answer_confidence } %.
receipt-equity = Капитал { $equity } { $currency }, итог { $net_pnl } { $currency }
receipt-position = Позиция: { $held } от { $entry }, стоп { $stop }, цель { $target }

## feed

feed-warning = Нет новостей от { $feeds }: { $why }
feed-no-answer = нет ответа. Проверьте сеть; следующий цикл спросит снова.
feed-status = сервер ответил { $status }.
feed-no-credits = кредиты закончились (402). Купите кредиты у поставщика или уберите ленту из QUORUM_FEEDS.
feed-forbidden = сервер отказал в запросе (403). Ключу не хватает прав, или издатель не пускает этот адрес.
feed-limited-until = слишком много запросов (429), до { $until }.
feed-too-large = ответ больше { $megabytes } МБ.
feed-changed = ответ не похож на ленту: издатель сменил адрес или формат.
feed-budget-reached = дневной лимит на платные чтения исчерпан (QUORUM_X_DAY_USD). Чтение продолжится в 00:00 UTC.
feed-unknown = Ленты { $feed } нет. Есть { $known } и любой адрес как rss:ИМЯ=URL.
feed-bad-address = { $feed } — не адрес ленты. Напишите rss:ИМЯ=URL, с коротким именем и адресом http(s).
feed-name-taken = Имя { $feed } занято другой лентой. Выберите другое имя в rss:ИМЯ=URL.
feed-x-no-token = Ленте x нужен X_BEARER_TOKEN.
feed-x-unset = Ленте x нужен список (QUORUM_X_LIST, цифры) или аккаунты (QUORUM_X_ACCOUNTS, имена через запятую).
feed-x-too-many = Аккаунты из QUORUM_X_ACCOUNTS не помещаются в один поиск из 512 символов. Используйте список.

## source

source-live = живые цены
source-recorded = ЗАПИСАННЫЕ цены, не сегодняшние
source-sample = ВЫДУМАННЫЕ цены из генератора

## command

command-addpair = торговать парой на сумму, PAPER
command-removepair = убрать пару
command-capital = изменить сумму для пары
command-pairs = ваши пары
command-audit = кто и что у вас менял
command-resume = продолжить, снять защитную паузу
command-status = всё одним взглядом
command-positions = открытые позиции
command-trades = последние исполнения
command-why = почему последний цикл решил именно так
command-stats = результаты и график капитала
command-models = как часто права каждая модель
command-pause = без новых входов, стопы остаются
command-adopt = передать Quorum позицию, открытую вручную
command-close = закрыть позицию по рынку
command-panic = закрыть и остановить всё сейчас
command-risk = ваши лимиты
command-budget = во что сегодня обошлись модели
command-mode = PAPER или настоящие деньги
command-profit = что делать с прибылью на LIVE
command-connect = подключить биржу, по шагам
command-disconnect = забыть ключ биржи
command-alerts = какие сообщения присылать
command-language = русский или английский
command-help = этот список
command-users = все участники
command-health = состояние системы
command-seats = модели совета и их состояние
command-ask = спросить совет один раз, без сделки
command-halt = остановить входы у всех
command-unhalt = снова разрешить
command-ban = закрыть доступ участнику
command-unban = снова открыть доступ
command-broadcast = сообщение всем

## admin

admin-user-count = Участников: { $count }
admin-scheduler-answers = отвечает
admin-scheduler-silent = ⚠️ не отвечает
admin-scheduler-no-pool = ⚠️ рабочего пула нет: ничего не запускается. Запустите снова `quorum up` или `quorum prepare`
admin-scheduler-paused = ⚠️ на паузе: { $names }. Снимите паузу в Prefect UI
admin-scheduler-missing = ⚠️ отсутствует или изменено: { $names }. Восстановит следующая синхронизация
admin-health = Состояние
admin-scheduler = Планировщик: { $answers }
admin-last-cycle-ago = Последний цикл: { $cycle } назад
admin-last-cycle = Последний цикл: { $cycle }
admin-totals = Участников { $users }, пар { $pairs }, открытых позиций { $open_positions }
admin-backlog = Сообщений в очереди: { $backlog }{ $waits }
admin-council-well = Совет: { $summary }
admin-council-broken = 🔴 <b>Совет: { $summary }</b>
admin-unhalted = Торговля снова включена для всех.
admin-halted = <b>СТОП для всех</b>: ничего нового не открываем; выходы и стопы работают. Снова разрешить входы — /unhalt.
admin-halt-question = Остановить входы у всех? Причина: «{ $reason }»
admin-broadcast-question = Разослать участникам ({ $count })?
admin-broadcast-queued = В очереди для участников: { $count }. Уйдёт после всего, что касается риска.
admin-user-banned = { $name }: доступ закрыт. Ни входов, ни команд; стопы остаются.
admin-user-unbanned = { $name }: доступ снова открыт.
admin-mark-admin = оператор
admin-mark-banned = доступ закрыт
admin-mark-blocked-bot = заблокировал бота
admin-user-pairs = пар { $pairs }

## common

common-more = … и ещё { $more }
common-none-yet = ещё не было
common-yes = Да
common-cancel = Отмена
common-canceled = Отменено: ничего не изменилось.
common-button-stale = Эта кнопка уже использована или устарела. Отправьте команду ещё раз.
common-positions = Позиции
common-status = Статус
common-pause = Пауза
common-paused = пауза
common-paused-in-prefect = пауза, поставлена оператором в Prefect UI
common-running = в работе
common-why = Почему
common-resume = Продолжить
common-no-stop = ⚠️ <b>без стопа</b>
common-position-flat = Позиция: вне рынка
common-stats = Итоги

## alert

alert-settings-title = Сообщения
alert-settings-always = О защитных паузах, неудачной защите, ликвидациях и ордерах с неясной судьбой сообщаем всегда.
alert-settings-turn-on = Включить: { $name }
alert-settings-turn-off = Выключить: { $name }

## budget

budget-title = Бюджет на модели
budget-spent-today = Потрачено сегодня: { $spent }
budget-shared = Один ответ служит всем, кто торгует пару и стоит вне рынка, поэтому оплачен один раз. Это настоящие доллары оператора, не ваш капитал.
budget-when-used-up = Когда бюджет исчерпан, модели молчат: входов нет, стопы и выходы работают.
budget-no-limit = Дневной лимит не установлен.
budget-limit = Дневной лимит: { $limit }, израсходовано { $used }

## close

close-no-position = По { $pair } нет открытой позиции.
close-question = Закрыть { $pair } по рынку прямо сейчас? Открыто: { $held }.
close-button = Закрыть { $pair }
close-begun = Закрываю { $pair } по рынку. Когда всё будет готово, придёт сообщение.
close-stuck = { $pair } на паузе. <b>Закрытие запустить не удалось</b>: планировщик не отвечает. Рабочий процесс закроет позицию без планировщика, обычно за секунды: её покажет /positions. Если это займёт больше 20 с, придёт сообщение; тогда отправьте { $command } ещё раз или закройте на бирже. Стоп и цель остаются на месте.

## adopt

adopt-nothing = В { $pair } на бирже нет позиции, которую открыл не Quorum.
adopt-question = Передать Quorum позицию { $pair } на { $venue }: { $held } по { PRICE($price) }? Quorum сразу поставит стоп в { $percent } % от цены маркировки; после этого совет может закрыть позицию.
adopt-button = Передать { $pair }
adopt-begun = Quorum берёт позицию { $pair } на себя, обычно за несколько секунд. Сообщение придёт.
adopt-changed = Позиция на бирже не та, которую вы подтвердили.

## panic

panic-question = Остановить все пары и закрыть все позиции по рынку прямо сейчас: { $names }?
panic-button = Да, закрыть всё
panic-begun = Всё остановлено и закрывается: { $names }.
panic-stuck = Всё остановлено: { $names }. <b>Закрытие запустить не удалось</b>: планировщик не отвечает. Рабочий процесс закроет позиции без планировщика, обычно за секунды: их покажет /positions. Если это займёт больше 20 с, придёт сообщение; тогда закройте на бирже. Стопы и цели остаются на месте.
closing-count = На паузе. <b>Закрыто { $done } из { $count }.</b> Закрываем по рынку: { $names }.
closing-done = Готово: <b>закрыто { $done } из { $count }.</b> На паузе и без позиции: { $names }. Снова торговать: /resume.
closing-withdrawn = Не закрыто, потому что /resume отозвала запрос: { $names }.
closing-not-begun = { $pair }: ни один рабочий процесс не начал закрывать позицию.
closing-in-work = { $pair }: рабочий процесс закрывает позицию.
closing-failed = { $pair }: не закрыто, попыток: { $attempts }. Последняя причина: { $why }
closing-late-help = ⚠️ Прошло { $seconds } с. Оператору сообщили, рабочие процессы пробуют снова каждые 10 с. Закрыть вручную: откройте позицию на бирже, закройте её там по рынку, затем отмените её стоп и цель. До этого стопы остаются на месте.

## remove


## connect

connect-venue-question = Какую биржу подключить?
connect-key-rights = Шаг 1 из 2. Создайте API-ключ на { $name }: чтение и торговля фьючерсами разрешены, <b>вывод и переводы запрещены</b>, привязка к нашему IP-адресу. Ключ, которым можно увести деньги, мы не примем.
connect-key-question = Теперь пришлите <b>API-ключ</b>. Сообщение я сразу удалю, ключ храню в зашифрованном виде.
connect-secret-question = Шаг 2 из 2. Теперь <b>API-секрет</b> { $venue }.
connect-key-sealed = Ключ { $known } для { $name } зашифрован, проверяем его на бирже.
connect-paper-first = Пока он не используется: сначала торговля на PAPER. Чего не хватает для настоящих денег — /mode.
connect-key-in-command = Оттуда я ключи не читаю. Отправьте /connect и пройдите два шага.
connect-forgotten = Ключ { $name } удалён у нас. Удалите его и на самой бирже.
connect-key-message-left = ⚠️ <b>Не получилось удалить ваше сообщение с ключом: удалите его сами сейчас.</b>

## mode

mode-title = PAPER или LIVE
mode-live-refused = { $pair } остаётся на PAPER: настоящие деньги ещё не заслужены.
mode-live-question = ⚠️ <b>После этого ордера по { $pair } пойдут на { $venue } на ваши настоящие деньги, { $capital }.</b> Убытки — ваши. Прошлое на PAPER ничего не доказывает о будущем.
mode-live-phrase = Если вы этого хотите, наберите: { $phrase }
mode-now-live = { $pair } со следующего цикла торгует <b>LIVE</b>: настоящие деньги. /pause и /panic работают всегда; вернуться — /mode paper.
mode-now-paper = { $pair } со следующего цикла торгует на <b>PAPER</b>: ненастоящие деньги.
mode-real-money = Настоящие деньги.
mode-needs-key = проверенный ключ биржи (/connect)
mode-needs-days = дней на PAPER: { $paper_days } из { $required_days }
mode-needs-trades = закрытых сделок на PAPER: { $trades } из { $required_trades }
mode-results = Итог { $net } { $currency }, в плюс { $won }, наибольшая просадка { $deepest }
mode-eased = Оператор сократил требования.
mode-explained = PAPER — ненастоящие деньги. На настоящие: { $live }, обратно: { $paper }

## risk

risk-title = Ваши лимиты{ $of }
risk-explained = Строже — сразу: { $example }. Мягче — с подтверждением и через час; мягче, чем разрешил оператор, нельзя.
risk-changed = { $name }: теперь { $value }.
risk-raise-question = Смягчить { $name } с { $current } до { $value }? Так можно потерять больше. Начнёт действовать через час; до этого можно передумать.
risk-raise-button = Да, через час
risk-raise-scheduled = { $name } станет { $value } в { $due }.
risk-raise-cancel-button = Передумать
risk-raise-canceled = { $name } остаётся прежним.
risk-allowed = (разрешено { $allowed })

## error

error-ours = У нас что-то сломалось; код ошибки { $known }. Проверьте, что сейчас происходит: /status, и попробуйте ещё раз.
error-try-later = Часть системы сейчас не отвечает. Попробуйте через минуту; стопы остаются на месте.

## digest

digest-head = { $day } (UTC): циклов { $cycles }.
digest-paused = (пауза)
digest-paused-in-prefect = (пауза оператора)
digest-audit = Журнал действий: записей { $count }, голова { $head }
digest-pair = { $day } { $currency } за день, капитал { $equity } { $currency } (итог { $net } { $currency }), закрыто сделок { $trades }

## models

models-title = Модели, дней: { $days }
models-none = За это время по вашим парам ни одну модель не спрашивали.
models-alone-explained = В одиночку: что вышло бы, если слушать только эту модель; доля от суммы сделки, после издержек. Это не обещание.
models-together = Вместе, кворумом { $together } · ничего не делать 0.00 % · купить и держать { $market }
models-few-votes = (мало голосов)
models-ms = мс
models-fixed-rules = · готовые правила
models-right = Права { $right } из { $votes }, { $share }{ $few }
models-asked = Спрошена { $asked }, молчала { $silent }, опоздала { $late }
models-alone = В одиночку { $alone } · расход { $cost } · { $latency }

## pairs

pairs-title = Ваши пары
pairs-none = У вас пока нет ни одной пары. Добавьте пару и сумму: { $example }
pairs-added = Пара { $pair } добавлена: { $capital }, цены { $venue }.
pairs-added-next = Совет смотрит на неё каждые 30 минут; что решено и почему — /why.
pairs-removed = Пара { $pair } убрана. Её сделки и отчёты сохранены.
pairs-paused = Пауза: { $names }. Новых входов не будет; стопы и цели остаются.
pairs-resumed = Снова в работе: { $names }. Защитная пауза, если была, снята.
pairs-since = с
pairs-resume-one = Продолжить { $pair }
pairs-pause-one = Пауза { $pair }
pairs-capital-changed = { $pair } со следующего цикла торгует на { $new } { $currency }, раньше { $old }. Это не прибыль и не убыток.
pairs-follows-later = Сохранено. Планировщик сейчас не отвечает и подхватит изменение в течение нескольких минут.

## positions

positions-none = Открытых позиций нет.
positions-title = Открытые позиции
positions-prices-of = Цены — на последний цикл, { $of }.
positions-from = вход { $entry }
positions-from-marked = вход { $entry }, сейчас { $mark }: { $now } { $currency }
positions-protection = стоп { $stop }, цель { $target }, плечо { $leverage }
positions-since = с { $since }
positions-close-button = Закрыть { $pair } …

## trades

trades-none = Сделок пока не было.
trades-title = Последние исполнения
trades-liquidation = (ликвидация)
trades-fill = { $done } { $quantity } по { $fill_price }, комиссия { $fee }

## profit

profit-is-moved = прибыль переводится
profit-stays = прибыль остаётся
profit-no-venue = Биржа не подключена: /connect
profit-explained = Когда пара без позиции доходит до вашего порога (profit_withdrawal_ratio в /risk), прибыль откладывается: на PAPER всегда, настоящая — только если вы это включите.
profit-now-stays = Прибыль на { $name } остаётся на месте. Снимите право { $right }: с ключом, который может переводить, ничего нового не открываем.
profit-now-moved = Прибыль на { $name } будет переводиться в ваш же кошелёк на этой бирже, не чаще раза в день. Ключу для этого нужно ещё одно право: { $right }. Вывод по-прежнему запрещён: ключ с правом вывода не принимаем.

## stats

stats-note = После комиссий и фандинга; открытая позиция — по маркировочной цене последнего цикла.
stats-no-cycle = завершённых циклов пока нет
stats-equity = Капитал { $equity } из { $whole } { $currency }
stats-net = Итог <b>{ $net }</b> { $currency } · ничего не делать { $hold } · купить и держать { $market } { $currency }
stats-costs = Комиссии { $fees } { $currency }, фандинг { $funding } { $currency }
stats-other-fees = В комиссиях { $value } { $currency } уплачены как { $amount } { $asset }
stats-drawdown = Просадка { $drawdown }, наибольшая { $max_drawdown }
stats-no-trade = Закрытых сделок нет, циклов: { $cycles }
stats-trades = Закрытых сделок { $trades }: в плюс { $wins } ({ $won }), в минус { $losses }, профит-фактор { $factor }
stats-best-worst = Лучшая { $best }, худшая { $worst } { $currency }; в среднем держим { $held }

## status

status-equity = Капитал { $equity } { $currency }, итог { $net } { $currency }
status-stop = стоп { $stop }
status-position = Позиция: { $size } от { $entry }{ $open_gain }, { $protected }
status-breaker-closed = Защитной паузы нет
status-breaker-for-all = по всем парам
status-breaker-open = ⚠️ <b>Защитная пауза{ $scope }</b> до { $until }: { $cause }
status-orders-in-doubt = ⚠️ Ордера с неясной судьбой: { $count }, ищем, пока не узнаем точно
status-no-cycle = Последний цикл: ещё не было
status-last-cycle = Последний цикл { $at }: { $word }. { $short }
status-next-cycle-paused = Следующий цикл: на паузе нет
status-next-cycle-paused-in-prefect = Следующий цикл: пока действует пауза оператора, нет. Снять её может оператор в Prefect UI или вы командой /resume
status-next-cycle = Следующий цикл: около { $at }
status-more-pairs = … и ещё пары ({ $count }): /pairs
status-refresh = Обновить

## Requests that can't be carried out

user-gone = Этого участника больше нет.
pair-already-traded = Вы уже торгуете { $pair }. Сначала уберите эту пару.
capital-not-positive = { $amount } { $quote } не подходит: сумма должна быть больше нуля.
capital-too-large = { $amount } { $quote } — слишком много: на одну пару можно не больше { MONEY($most) }.
capital-too-precise = { $amount } { $quote }: после точки может быть не больше двух знаков.
capital-too-small = { $amount } { $quote } мало для { $pair }: наименьший ордер там { $least } { $quote }, а позиция может занять { $share } суммы. Нужно не меньше { $minimum } { $quote }.
pair-missing-none = Пары { $pair } у вас нет. Пока нет ни одной.
pair-missing = Пары { $pair } у вас нет. Ваши пары: { $known }.
no-pairs = У вас пока нет пар: добавьте, например BTC/USDT 1000.
time-unreadable = «{ $text }» — не время; нужно вроде 2025-03-01T12:00 (UTC).
pair-has-position = По { $pair } ещё открыта позиция { $quantity } { $base }: сначала закройте её, потом уберите пару.
pair-has-orders = По { $pair } ещё не завершены ордера ({ $count }): попробуйте через несколько минут.
name-length = В имени должно быть от 1 до { $most } символов, а здесь { $count }.
name-unprintable = В имени могут быть только печатные символы.
name-is-number = «{ $name }» похоже на номер участника: в имени нужна хотя бы одна буква.
venue-not-connectable = «{ $text }» подключить нельзя: выберите binance или bybit.
key-incomplete = Нужны и API-ключ, и секрет к нему.
pair-of-one = { $text } — не пара: с обеих сторон { $base }.
pair-not-perpetual = «{ $text }» — не бессрочный контракт; торгуем только ими.
pair-unreadable = «{ $text }» — не пара; нужно вроде BTC/USDT.
number-too-long = В числе больше { $most } цифр до или после точки.
number-unreadable = «{ $text }» — не число.
number-not-finite = { $text } — не конечное число.
venue-unknown = Биржи «{ $text }» здесь нет; есть { $known }.
reason-unprintable = В причине могут быть только печатные символы.
reason-length = Напишите причину, от 1 до { $most } символов.
key-in-use = { $pairs } торгует на { $venue } на настоящие деньги, ключ для этого нужен: сначала верните на PAPER.
ban-yourself = Закрыть доступ самому себе нельзя.
live-locked-pair = Торговля на настоящие деньги здесь закрыта оператором: пара остаётся на PAPER.
limit-unknown = Лимита «{ $name }» нет.
limit-only-lower = { $name } можно только понижать: { $value } больше разрешённых { $limit }.
limit-only-higher = { $name } можно только повышать: { $value } меньше разрешённых { $limit }.
limit-not-whole = { $name } — целое число, а здесь { $value }.
limit-too-high = { $name } — не больше { $most }.
limit-too-low = { $name } — не меньше { $least }, а не { $value }.
limit-not-positive = { $name } должно быть больше нуля, а не { $value }.
limit-unreadable = { $name }: { $why }
alerts-form = Напишите тему ({ $names }) и on или off, например: trades off.
budget-form = Бюджет на день — от 0 до { $most } долларов или off.
too-many-pairs = У вас уже пар: { $count }, а можно не больше { $most }.
user-missing = Участника { $user } нет.
run-not-deployed = { $name } пока не развёрнут.
run-going-on = { $name } уже выполняется: дождитесь окончания.
telegram-account-taken = У аккаунта Telegram { $telegram_id } уже есть участник.
deposit-not-possible = Внести { $amount } { $currency } нельзя.
withdrawal-not-possible = Вывести { $amount } { $currency } нельзя.
withdrawal-too-large = Вывести { $amount } { $currency } нельзя: свободно { $available }.
pair-not-looked-up = Не удалось узнать у биржи про { $pair }. Попробуйте через минуту.
no-keys-here = Ключи здесь не вводят: выйдите из чата и выполните `quorum connect VENUE`.
foreign-result = Сохранённый результат в формате { $kind } отклонён: читается только собственный формат Quorum.

## Users and receipts

user-ambiguous = Участников с именем { $user }: { $count }. Укажите номер, он есть в `quorum user list`.
user-not-found = Участника { $user } нет. Участники: { $known }.
user-local-missing = Участника { $user } нет. Участники: { $known }. Запустите один раз `quorum up` или добавьте: quorum user add local.
user-name-taken = Участник с именем { $name } уже есть.
forget-needs-name = Никто не забыт: укажите имя или номер, они есть в `quorum user list`.
forget-needs-owner = Чтобы стереть участника, нужен адрес базы с правами владельца: задайте QUORUM_DATABASE_URL.
forget-needs-prefect = Чтобы стереть участника, нужен и адрес базы Prefect: задайте PREFECT_SERVER_DATABASE_CONNECTION_URL.
forget-has-positions = Ничего не стёрто: по { $pairs } открыта позиция. Сначала закройте её, например командой `quorum close`.
forget-has-orders = Ничего не стёрто: по { $pairs } есть заявка с неясным исходом. Повторите через несколько минут.
forget-has-cycles = Ничего не стёрто: по { $pairs } идёт цикл. Повторите через минуту.
receipt-of-your-pairs = вашим парам
receipt-missing = Завершённых циклов по { $of } пока нет.
receipt-missing-at = Завершённого цикла по { $of } в { $cycle } нет.
pair-lookup-needs-prefect = Пока Prefect не запущен, узнать у биржи про { $pair } нельзя.
broadcast-length = В сообщении должно быть от 1 до { $most } символов.

## Сообщения, причины циклов и ордеров, ответы бирж

denial = { $reason } ({ $figures })
figure = { $name ->
    [limit] лимит
    [count] число
    [wanted] нужно
    [loss] убыток
    [spread_ratio] спред
    [drawdown] просадка
    [day_loss] убыток за день
    [confidence] уверенность
    [win_probability] вероятность прибыли, %
    [expected_value_pct] ожидание, %
    [costs_pct] издержки, %
    [limit_pct] предел, %
    [width_ratio] ширина полос
    [until] до
    [cause] причина
    [state] состояние
    [entries] входов
    [losses] убытков
    [positions] позиций
    [age_seconds] возраст, с
    [offset_seconds] разница, с
    [window_seconds] окно, с
    [score] настроение
    [notional] сумма
    [minimum] минимум
    [quantity] количество
    [side] сторона
    [leverage] плечо
   *[other] { WORDS($name) }
 } { $value }
cycle-denied = Вход запрещён: { $denials }.
cycle-denied-more = Вход запрещён: { $denials }; и ещё { $more }.
consensus-agreed = { $count } из { $answers } ответов — { $action } (нужно { $quorum }).
consensus-no-answer = Ни одна модель не ответила (нужно { $quorum }): ждём.
consensus-one-answer = Ответ всего один — { $action } (нужно { $quorum }): ждём.
consensus-disagreed = Согласия нет: { $votes } (нужно { $quorum }): ждём.
consensus-count = { $count } — { $action }
consensus-contradicted = { $said } Не учтены, потому что их модели противоречат друг другу: { $vendors }.
news-entry-kept = { $said } Повторный вопрос с заголовками ({ $headlines }): совет подтвердил вход, уверенность { $before }, учтено { $after }.
news-entry-weakened = { $said } Повторный вопрос с заголовками ({ $headlines }): совет подтвердил вход с меньшей уверенностью, { $after } вместо { $before }: заявка меньше.
news-hold-stopped = { $said } Повторный вопрос с заголовками ({ $headlines }): совет не подтвердил вход, ждём. { $answer }
news-hold-unanswered = { $said } Повторный вопрос с заголовками ({ $headlines }): ответило слишком мало моделей, ждём. { $answer }
news-closed = Повторный вопрос с заголовками ({ $headlines }): совет закрывает позицию. { $answer }
filled-buy = Куплено { $quantity } { $base }.
filled-sell = Продано { $quantity } { $base }.
filled-at-buy = Куплено { $quantity } { $base } по { PRICE($price) }.
filled-at-sell = Продано { $quantity } { $base } по { PRICE($price) }.
exit-by-council = Совет закрыл позицию.
exit-not-filled = Ордер на выход ещё не исполнился.
position-ended-at-once = Позиция закрылась сразу после открытия.
entry-position-unknown = Ордер на вход размещён; за позицией следит страж. { $why }
entry-not-filled = Не вошли: ордер не исполнился.
entry-refused = Не вошли: { $why }
entry-in-doubt = Пока неизвестно, принят ли ордер на вход; ищем его, пока не узнаем точно. { $why }
entered-without-stop = Вошли и сразу закрыли, потому что стоп не встал: { $why }
leverage-not-set = Не вошли: не удалось выставить плечо. { $why }
order-never-sent = Ордер не отправлялся.
order-not-shown = Биржа не показывает этот ордер.
order-lease-over = Время на отправку вышло, ордер не отправлен.
order-busy = Этот ордер отправляет другой процесс.
order-unplanned = Для этого ордера не было запланировано цены.
order-not-ours = Этим ордером занялся другой процесс; отсюда он не отправлен.
order-taken-over = Этим ордером занялся другой процесс.
order-name-taken = На бирже уже есть ордер с этим именем.
order-name-unknown = Открытого ордера с этим именем нет.
order-checks-slow = Проверки перед ордером заняли { $took } с при пределе { $limit } с, поэтому он не отправлен.
target-missing = Ордера-цели на бирже нет: { $why }
pair-paused = { $pair } на паузе.
pair-paused-in-prefect = { $pair } на паузе: её поставил оператор в Prefect UI.
pair-removed = { $pair } больше не торгуется.
trading-halted = Торговля остановлена: ничего нового не открываем.
trading-reducing = Сейчас разрешены только выходы.
cycle-done-already = Этот цикл уже был.
cycle-too-late = Цикл должен был начаться в { $due } и опоздал.
cycle-no-market = Нет рыночных данных: { $why }
cycle-no-account = Не удалось прочитать счёт: { $why }
cycle-no-position = Не удалось прочитать позицию: { $why }
cycle-bad-data = Плохие рыночные данные, поэтому ждём: { $finding }
cycle-interrupted = Процесс этого цикла оборвался, не закончив работу.
nothing-to-decide = Решать было нечего.
run-process-lost = Процесс цикла пропал.
run-process-gone = Процесса, который вёл цикл, больше нет.
run-stopped = Цикл остановили до завершения.
run-failed = Непредвиденная ошибка цикла ({ $kind }).
run-too-late = Цикл не успел начаться до следующего.
run-never-began = Цикл так и не начался. { $why }
market-too-slow = Рыночные данные { $pair } на { $venue } не пришли вовремя.
books-differ = В нашем учёте { $ours }, а биржа говорит { $theirs }.
scope-all-pairs = Все ваши пары
leg-entry = входной
leg-exit = выходной
leg-stop = стоп-
leg-target = целевой
alert-opened-long = { $pair }: открыт лонг { $quantity } { $base } по { PRICE($price) } { $currency }.
alert-opened-short = { $pair }: открыт шорт { $quantity } { $base } по { PRICE($price) } { $currency }.
alert-closed = { $pair }: { $how }, итог { GAIN($net) } { $currency } после комиссий и фандинга.
ended-at = { $how } по { PRICE($price) }
ended-trade_closed = закрыто
ended-stop_hit = сработал стоп
ended-target_hit = цель достигнута
ended-liquidated = биржа ЛИКВИДИРОВАЛА позицию
alert-unprotected-closed = { $pair }: стоп поставить не удалось, поэтому позиция сразу закрыта. Причина: { $why }
alert-unprotected = { $pair }: стоп поставить не удалось, а закрытие позиции ещё не подтверждено. Повторяем каждые несколько минут: проверьте на бирже сами. Причина: { $why }
alert-in-doubt = { $pair }: { $venue } не подтвердила { $leg } ордер на { $quantity } { $base }. Второй раз его не отправляем, а ищем, пока не узнаем точно; до тех пор ничего нового не открываем.
alert-order-found = { $pair }: { $leg } ордер, судьба которого была неясна, нашёлся на бирже и учтён.
alert-order-absent = { $pair }: { $leg } ордер, судьба которого была неясна, до биржи не дошёл; по нему ничего не открыто.
alert-books-differ = { $pair }: { $difference } Пока наш учёт и биржа не сойдутся, ничего нового не открываем.
alert-position-foreign = { $pair }: на { $venue } есть { $held } по { PRICE($price) }. { $part } Quorum её не трогает и ничего не открывает в этой паре. Закройте её на { $venue } вручную или передайте Quorum командой /adopt { $pair } (в терминале: quorum adopt { $pair }).
foreign-whole = Эту позицию открыл не Quorum.
foreign-part = Quorum открыл { $quantity } { $base } этой позиции и защищает эту часть; остальное не его.
held-long = длинная позиция { $quantity } { $base }
held-short = короткая позиция { $quantity } { $base }
alert-adopted = { $pair }: Quorum взял на себя позицию на { $venue }: { $held }, вход по { PRICE($price) }. Стоп ставится.
alert-not-adopted = { $pair }: позиция не передана и остаётся вашей. Причина: { $why } Отправьте /adopt { $pair }, чтобы попробовать ещё раз.
alert-breaker-opened = { $scope }: защитная пауза, причина — { $cause } ({ $figures }). Входов нет до { $until }; стопы остаются.
alert-breaker-closed = { $scope }: защитная пауза снята, входы снова возможны.
alert-profit-due = { $pair }: капитал { MONEY($equity) } { $currency } выше вашего порога { MONEY($threshold) } { $currency }. Из него { MONEY($amount) } { $currency } — закрытая прибыль, её можно вывести.
alert-venue-down = Циклы { $pair } на { $venue } пропускаются: { $why }
alert-models-down = Ни одна модель не ответила по { $pair }: пока не ответят, ничего не делаем.
alert-budget-reached = { $whose } на { $day } (UTC) исчерпан: { $cap } в день. До полуночи UTC сверх него модели не спрашиваем, а без кворума ничего не открываем. Стопы и цели остаются на бирже; закрыть вручную можно и без моделей.
budget-of-pair = { $pair }: ваш бюджет на пару
budget-of-user = Ваш бюджет на модели
budget-of-installation = Общий бюджет на модели
alert-cycle-failed = { $pair }: цикл { $cycle } не завершился. { $why } Стопы остаются на бирже; ордера проверим за несколько минут.
alert-reconcile-failed = Не удалось сверить участников: { $count } ({ $users }). Повторяем каждые несколько минут; до тех пор им ничего не открываем. См. ошибки задач потока reconcile.
alert-restarted = Процесс { $worker } запущен. Прервано циклов: { $count }, они закрыты как прерванные; ордера проверяются, позиции защищаются за несколько минут. Делать ничего не нужно.
alert-restarted-clean = Процесс { $worker } запущен. Прерванных циклов нет.
alert-key-refused = На { $venue } ничего нового не открываем: { $why } Проверяем ключ каждый час и сразу после /connect; выходы, стопы и отмены работают.
alert-key-accepted = Ключ { $venue } снова в порядке: входы возможны.
profit-set-aside = { $pair }: прибыль { MONEY($amount) } { $currency } отложена и больше не торгуется.
profit-moved = { $pair }: прибыль { MONEY($amount) } { $currency } переведена в ваш кошелёк на { $venue } и больше не торгуется.
profit-refused = { $pair }: прибыль { MONEY($amount) } { $currency } не переведена: { $why }
profit-absent = { $pair }: прибыль { MONEY($amount) } { $currency } так и не появилась среди переводов на { $venue }. Считаем, что она не переведена: проверьте там свои кошельки.
profit-in-doubt = { $pair }: { $venue } не подтвердила перевод прибыли { MONEY($amount) } { $currency }. Второй раз не просим, а ищем его; до тех пор считаем прибыль переведённой.
switch-everybody = для всех
switch-venue = для { $venue }
switch-user = для участника { $user }
switch-released = Входы снова разрешены { $whom }. Причина: { $reason }.
switch-halted = СТОП { $whom }: ничего нового не открываем; выходы, стопы и отмены работают. Причина: { $reason }.
switch-reducing = Только выходы { $whom }: ничего нового не открываем; выходы, стопы и отмены работают. Причина: { $reason }.
switch-operator = { $told } Снова разрешить входы: `quorum unhalt`.
answer-rejected = { $venue } отказала ({ $why }).
answer-duplicate = На { $venue } уже есть ордер с этим именем ({ $why }).
answer-back_off = { $venue } просит подождать ({ $why }).
answer-unknown = { $venue } не сказала, что с ним стало ({ $why }).
about-answer = ответ
about-balance = баланс
about-contracts = список контрактов
about-rights = права ключа
about-positions = позиции
about-time = время
about-transfers = переводы
about-order = ордер { $of }
about-candles = свечи { $of }
about-fee-rates = ставки комиссии { $of }
about-fills = сделки { $of }
about-funding = фандинг { $of }
about-funding-history = история фандинга { $of }
about-funding-interval = период фандинга { $of }
about-funding-rate = ставка фандинга { $of }
about-history = история { $of }
about-leverage = плечо { $of }
about-tiers = уровни плеча { $of }
about-margin-mode = режим маржи { $of }
about-open-interest = открытый интерес { $of }
about-open-orders = открытые ордера { $of }
about-book = стакан { $of }
about-orders = ордера { $of }
about-price = цена { $of }
about-prices = цены { $of }
about-rules = правила { $of }
about-settings = настройки { $of }
about-stops = стопы { $of }
venue-too-slow = { $venue } не ответила за { $seconds } с на запрос: { $about }.
venue-gave-nothing = { $venue } не ответила на запрос: { $about }.
venue-refuses = { $venue } отклоняет запрос: { $about }. Причина: { $why }.
venue-answer-unknown = { $venue } ответила в незнакомом виде: { $about }.
venue-answer-foreign = { $venue } ответила, но не о нашем ордере.
venue-lacks-pair = { $venue } не торгует фьючерсом { $pair }.{ $hint }
pair-multiple = {" "}{ $pair } — контракт на { $factor } { $base }.
venue-blocks = { $venue } не ответила на запрос: { $about }. Причина: { $why }.
venue-limits-account = { $venue } временно ограничивает запросы этого счёта.
pair-not-in-market = { $pair } на этом рынке не торгуется.
venue-order-unknown = { $venue } не знает открытого ордера с этим именем.
venue-still-shows-order = { $venue } всё ещё показывает ордер или не отвечает.
venue-without-data = В этой установке нет рыночных данных { $venue }.
venue-without-keys = На { $venue } нет счетов, которые открывает ключ.
weight-locked = Счётчик запросов занят другим процессом: { $allowance }.
weight-used-up = Сейчас исчерпано: { $allowance }.
transfer-not-moved = { $venue } не выполнила перевод.
transfer-unknown = { $venue } не сказала, что стало с переводом.
leverage-not-whole = Плечо { $leverage } — не целое число от 1.
leverage-refused = { $venue } не даёт плечо { $leverage } по { $pair }.
leverage-not-possible = Плечо { $leverage } по { $pair } невозможно: биржа даёт от 1 до { $most }.
leverage-locked = Плечо по { $pair } нельзя менять при открытой позиции.
binance-not-isolated = { $pair } на Binance с кросс-маржой, и там есть позиция или ордера. Закройте их, и Quorum переключит пару на изолированную маржу.
binance-multi-assets = Счёт Binance в режиме мультиактивов, где нет изолированной маржи. Включите режим одного актива (Futures, Preferences, Asset Mode) и повторите.
binance-hedge-mode = Счёт Binance в режиме хеджирования. Переключите его в односторонний режим (Preferences, Position Mode) и повторите.
bybit-hedge-mode = { $pair } на Bybit в режиме хеджирования. Переключите в односторонний режим и повторите.
bybit-not-isolated = На счёте Bybit не включена изолированная маржа. Это настройка всего счёта, поэтому Quorum её не меняет. В Bybit, Assets, Unified Trading, Margin Mode выберите Isolated Margin и повторите.
key-missing = Ключ { $venue } не подключён.
key-damaged = Сохранённый ключ { $venue } изменён или возвращён из более ранней копии, поэтому он не используется. Подключите { $venue } заново.
key-paper = На бумажном счёте можно торговать.
key-fine = Ключ { $venue } может торговать, но не выводить и не переводить деньги.
key-moves-profit = Ключ { $venue } может торговать и переводить прибыль в ваш кошелёк там же, но не выводить.
key-fine-locked = { $told } Торговля на настоящие деньги здесь закрыта оператором: ничего нового не открываем.
live-locked = Торговля на настоящие деньги здесь закрыта оператором: ничего нового не открываем.
key-unusable = Ключ { $venue } в таком виде не подходит. Что изменить: { $steps }.
key-tick = включите «{ $right }»
key-untick = выключите «{ $right }»
key-untick-under = выключите «{ $right }» в { $group }
key-tick-contract = включите «Orders» и «Positions» в Contract
key-read-write = сделайте ключ «Read-Write»
key-unreadable = создайте новый ключ: биржа не говорит, что можно этому
key-restrict = ограничьте ключ доверенными IP-адресами
prices-not-live = Цены не с самой биржи, поэтому на настоящие деньги ничего не открываем.
paper-accounts-only = Здесь только бумажные счета, а { $pair } торгуется на { $venue } по-настоящему.
paper-busy = Бумажный счёт занят: попробуйте ещё раз через секунду.
position-still-open = По { $pair } ещё открыта другая позиция.
database-no-connection = В базе данных нет свободного соединения.
database-silent = База данных не отвечает.
database-lost-in-commit = Связь с базой данных пропала в момент записи.
database-refused = База данных отказала: { $why }

## Capital of a pair

capital-same = У { $pair } капитал и так { $amount } { $quote }.
capital-only-raised = По { $pair } открыта позиция или ордер: сейчас капитал можно только увеличить.
capital-below = { $amount } { $quote } мало для { $pair }: нужно не меньше { $least } { $quote }.

## Settings of accounts at venues

bybit-portfolio-margin = счёт использует портфельную маржу, с которой Quorum не торгует; в Bybit, Assets, Unified Trading, Margin Mode выберите Isolated Margin
bybit-cross-margin = счёт использует кросс-маржу для всех контрактов; в Bybit, Assets, Unified Trading, Margin Mode выберите Isolated Margin
binance-one-way = переключите счёт в односторонний режим (Futures, Preferences, Position Mode)
binance-single-asset = переключите счёт в режим одного актива (Futures, Preferences, Asset Mode)
mode-phrase-wrong = Слова не те, поэтому ничего не изменилось: пара остаётся на PAPER.

## Сообщения о закрытии, совете, выходах и боте

alert-close-overdue = { $pair }: закрытие не завершено за { $seconds } с. { $tried } Рабочие процессы пробуют снова каждые 10 с. Позицию можно закрыть на бирже.
alert-close-overdue-operator = Участник { $user }, { $pair }: закрытие не завершено за { $seconds } с. { $tried } Выполните `quorum doctor` и проверьте рабочие процессы.
close-in-work = Рабочий процесс закрывает позицию.
close-not-begun = Ни один рабочий процесс не начал закрывать позицию.
close-failed = Неудачных попыток: { $attempts }. Последняя причина: { $why }
alert-exit-stuck = { $pairs }: не удалось поставить стоп или закрыть позицию ({ $why }) По нашему учёту позиция может стоять на бирже без стопа. Quorum пробует снова каждые несколько секунд. Чтобы закрыть вручную, откройте приложение биржи, Futures, Positions, и закройте позицию по рынку; Quorum учтёт сделку.
alert-exit-stuck-operator = { $pairs } участника { $user }: не удалось поставить стоп или закрыть позицию ({ $why }) По нашему учёту позиция может стоять на бирже без стопа. Quorum пробует снова каждые несколько секунд. Чтобы закрыть вручную, откройте приложение биржи, Futures, Positions, и закройте позицию по рынку; Quorum учтёт сделку.
stop-not-resting = На бирже нет стопа.
venue-row-unreadable = { $venue } показывает строку ({ $about }, { $row }), которую не удалось прочитать.
alert-council-short = { $pair }: в { $cycles } циклах подряд проголосовало меньше моделей, чем нужно для кворума ({ $quorum }). Пока кворум не соберётся, ничего не открываем; стопы и цели остаются на бирже.
alert-council-line =
    { $told }
    { $seat }
seat-silent = { $model }: { $why }. { $step }
seat-fault-REQUEST = поставщик отклонил запрос
seat-fault-KEY = ключ отклонён
seat-fault-FUNDS = на счёте у поставщика нет денег
seat-fault-QUOTA = квота у поставщика исчерпана
seat-fault-RIGHTS = у ключа нет такого права
seat-fault-REGION = поставщик не обслуживает этот регион
seat-fault-GONE = поставщик не знает такой модели
seat-fault-RATE = превышен предел частоты запросов поставщика
seat-fault-LOAD = поставщик перегружен
seat-fault-LINE = нет соединения
seat-step-REQUEST = Обновите Quorum: поставщик изменил формат запросов.
seat-step-KEY = Укажите верный ключ в .env и перезапустите.
seat-step-FUNDS = Пополните счёт у поставщика.
seat-step-QUOTA = Пополните счёт у поставщика или поднимите там предел расходов.
seat-step-RIGHTS = Дайте ключу право на эту модель.
seat-step-REGION = Отдайте место другому поставщику или укажите base URL обслуживаемого региона.
seat-step-GONE = Укажите в QUORUM_COUNCIL действующую модель: их показывает `quorum seats`.
seat-step-OTHER = Проверьте страницу состояния поставщика и сеть этой машины.
bot-webhook = Другая программа установила вебхук для токена бота, поэтому бот не получал сообщений. Вебхук удалён, бот снова читает сообщения. Если это повторится, отзовите токен через @BotFather: он есть у кого-то ещё.
bot-second-poller = Сообщения бота читает другая программа с тем же токеном, поэтому команды вроде /panic могут потеряться. Остановите её или отзовите токен через @BotFather.
prefect-pool-gone = Рабочего пула Prefect больше нет, поэтому циклы не начинаются. Стопы остаются на биржах, а /panic по-прежнему закрывает позиции через работающий процесс. Рабочий процесс создаст пул заново в течение минуты, а следующая синхронизация восстановит очереди и деплойменты; ожидавшие запуски потеряны. Если рабочих процессов нет, запустите снова `quorum up` или `quorum prepare`.
prefect-paused = Приостановлено в Prefect: { $names }. Всё, что за паузой, не начинается: ни циклы, ни сверка. /panic по-прежнему закрывает позиции через рабочий процесс. Снимите паузу в Prefect UI.
alert-paused-in-prefect = Оператор поставил { $pair } на паузу в Prefect UI: новых входов нет. Стопы и цели остаются. Пауза кончится, когда оператор снимет её там, или командой /resume { $pair }.
alert-resumed-in-prefect = Оператор снял паузу с { $pair } в Prefect UI: циклы снова запускаются.

## Совет для людей

seat-twice = QUORUM_COUNCIL называет модель дважды: { $seats }.
seat-block-missing = В Prefect нет блока модели «{ $name }». Сохраните блок там или уберите место из QUORUM_COUNCIL.
seat-provider-unknown = Поставщика моделей «{ $provider }» нет; есть { $known }.
seat-without-key = Поставщику моделей «{ $provider }» нужны ключ и модель. Задайте ключ в .env или уберите место из QUORUM_COUNCIL.
seat-without-address = Месту { $seat } нужен адрес: задайте { $setting }.
seat-price-unknown = Цена { $seat } неизвестна, и никакой бюджет её не удержит. Назовите цену в долларах за миллион токенов: QUORUM_PRICES={ $seat }=вопрос/кэш/запись/ответ
council-one-voice = У всех мест вместе один голос ({ $maker }), а для входа нужно { $quorum }: ничего никогда не откроется. Задайте ключ модели другого разработчика.
council-one-model = Рядом с одной языковой моделью ({ $model }) правил: { $rules }. Правило считает свой голос по индикаторам: для входа нужны модель и правило или два правила без модели. Чтобы собрать совет моделей, задайте ключ второго поставщика.
council-one-maker = Все языковые модели сделал { $maker }: вместе у них один голос. Чтобы собрать совет моделей, задайте ключ другого поставщика.
council-needs-prefect = Бот спрашивает совет через рабочий процесс, а Prefect не запущен: выполните `quorum up`.
council-flow-failed = Рабочий процесс не довёл вопрос до конца. Смотрите logs/worker.log.
council-well = кворум собирается
council-unasked = за последние 6 часов вопросов не было
council-below = последние { $cycles } цикла кворума нет; пар: { $pairs }. По ним ничего не открывается
council-lost = мест без голоса, пока вы не вмешаетесь: { $seats }
alert-seats-lost = Место в совете не голосует { $cycles } цикла подряд и не будет, пока вы не вмешаетесь. Решают пока остальные.
alert-model-closing = Поставщик отключает { $model } { $day }. С этого дня у места нет голоса. Назовите до этого дня действующую модель в QUORUM_COUNCIL: `quorum seats` показывает, какие модели есть у поставщиков.
seats-title = Места в совете
seats-exists = у поставщика есть
seats-gone = ⚠️ поставщик не знает такой модели
seats-unread = ⚠️ список моделей поставщика не читается: { $note }
seats-rule = готовое правило
seats-closing = ⚠️ отключат { $day }
seats-shutdown = отключат { $day }
seats-price = $ за миллион токенов, вопрос/ответ: { $price }
seats-share = голосов за 7 дней: { $share }
seats-no-share = за 7 дней вопросов не было
seats-last = последний голос: { $at }
seats-spent = сегодня: { $spent }
ask-title = Совет о { $pair }
ask-cost = Цена: { $cost }. Вопрос { $version }. Сделок нет.
ask-answer-cost = { $cost }, { $latency } мс

## Refusals of the venues

refusal-parameter = параметр не подходит под правила контракта
refusal-not-filled = его нельзя было исполнить сразу
refusal-not-resting = он не мог встать в стакан
refusal-notional = сумма ниже наименьшей
refusal-liquidation = он привёл бы к ликвидации
refusal-trigger = он сработал бы сразу
refusal-decimals = больше знаков, чем допускает пара
refusal-reduce-only = сейчас разрешены только ордера, которые уменьшают позицию
refusal-clock = наши часы расходятся с часами биржи
refusal-algo = стопы принимает только служба алго-ордеров
refusal-terms = сначала надо принять условия на бирже
refusal-open-orders = у счёта слишком много открытых ордеров
refusal-orders = у счёта слишком много ордеров
refusal-stop-orders = у счёта слишком много стоп-ордеров
refusal-account-banned = счёт заблокирован или в другом режиме
refusal-account-liquidated = счёт ликвидируется
refusal-hedge-mode = счёт в режиме хеджирования
refusal-account-inactive = счёт не активен: переведите любую сумму на его фьючерсный кошелёк
refusal-not-unified = счёт не единый (unified)
refusal-account-invalid = счёт недействителен
refusal-account-no-orders = счёт сейчас не может ставить ордера
refusal-cooling-off = торговлю запрещает период охлаждения самого счёта
refusal-address-unknown = адрес запроса не определён
refusal-balance = не хватает баланса
refusal-counter-price = лучшая цена другой стороны вне допустимого диапазона
refusal-book-thin = в стакане мало ордеров для рыночного ордера
refusal-category = категория неизвестна
refusal-contract-stops = у контракта слишком много стоп-ордеров
refusal-settling = контракт рассчитывается
refusal-contract-closed = контракт закрыт
refusal-contract-unknown = контракт неизвестен
refusal-contract-not-live = контракт не торгуется
refusal-contract-order = контракт сейчас не принимает такой ордер
refusal-region = страна этого счёта или сервера не обслуживается
refusal-key-contract = ключ не разрешает этот контракт
refusal-key-address = ключ не разрешает этот адрес
refusal-key-expired = срок ключа истёк
refusal-key-locked = ключ заблокирован
refusal-key-unknown = ключ неизвестен; ключ региональной Bybit требует QUORUM_BYBIT_REGION
refusal-key-rights = права ключа этого не разрешают
refusal-key-scope = ключ, его список адресов или права этого не разрешают
refusal-leverage-low = плечо слишком мало для маржи
refusal-margin-short = не хватает маржи
refusal-margin-mode = режим маржи счёта не подходит
refusal-account-mode = режим счёта не подходит
refusal-order-invalid = ордер недействителен
refusal-book-empty = другая сторона стакана пуста
refusal-position-small = позиция слишком мала
refusal-position-mode = режим позиций счёта не подходит
refusal-leverage = позиция превысила бы предел своего плеча
refusal-step = цена или количество не кратны шагу контракта
refusal-range = цена или количество вне диапазона контракта
refusal-form = запрос неверной формы
refusal-rest-small = остаток позиции слишком мал
refusal-loan = это запрещают условия займа счёта
refusal-service = служба закрыта
refusal-signature = подпись неверна
refusal-position-state = состояние позиции этого не разрешает
refusal-nothing = уменьшать нечего
refusal-many-orders = слишком много ордеров этого счёта
refusal-many-address = слишком много запросов с этого адреса
refusal-many-account = слишком много запросов этого счёта
refusal-trading-banned = торговля для счёта запрещена
refusal-trading-paused = торговля сейчас не разрешена
answer-none = ответа нет
answer-coded = { $why }, код { $code }
answer-code = статус { $status }, код { $code }
answer-status = статус { $status }
answer-country = статус { $status }: страну этого сервера она не обслуживает
answer-code-only = код { $code }
clock-differs = Наши часы расходятся с часами { $venue } на { $ms } мс; допустимо не больше 500.
misfit-quantity = Количество { $quantity } не кратно { $step } или больше { $most }.
misfit-price = Цена { $price } не кратна { $tick }.
misfit-quantity-small = Количество { $quantity } меньше { $least }.
misfit-notional-small = Сумма { $notional } меньше { $least }.
misfit-leverage = Сумма { $notional } допускает плечо { $allowed }, а не { $leverage }.
