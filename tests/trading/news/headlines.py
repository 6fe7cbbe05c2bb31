"""Labelled headlines: what the sentiment is measured on.

Written for this test in the manner of crypto news, in both languages, before the vocabulary was
tuned; each label is what the headline means for the price of the asset it names. Headlines at even
places of each list were used for tuning, those at odd places never: they are the held-out half.
"""

# ruff: noqa: RUF001  (Russian headlines)

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A headline and its meaning: +1 good, 0 neither, -1 bad."""

    title: str
    language: str
    label: int
    is_held_out: bool


def load_headlines() -> tuple[Labelled, ...]:
    """All of them, in a fixed order."""
    return tuple(headline for block in _BLOCKS for headline in _read(*block))


def _read(language: str, label: int, text: str) -> Iterator[Labelled]:
    for place, title in enumerate(text.strip().splitlines()):
        yield Labelled(
            title=title.strip(), language=language, label=label, is_held_out=place % 2 == 1
        )


_ENGLISH_GOOD = """
Bitcoin surges past $95,000 as ETF demand returns
Ethereum rallies 8% after successful network upgrade
Spot Bitcoin ETFs see $840 million in net inflows
BlackRock's Bitcoin fund hits record assets under management
Solana jumps to three-month high on strong volume
SEC approves first spot Solana ETF
Bitcoin reclaims $100K as traders turn bullish
Institutional investors are accumulating Ether at the fastest pace this year
MicroStrategy buys another 5,000 BTC
Visa partners with stablecoin issuer for instant settlement
El Salvador adds to its Bitcoin reserves
Crypto market cap tops $4 trillion for the first time
Bitcoin breaks out of two-month range
Fed signals rate cuts, lifting crypto prices
Ether outperforms Bitcoin for third straight week
Judge dismisses lawsuit against crypto exchange
XRP soars after court rules in Ripple's favor
Bitcoin hash rate reaches all-time high
Court lifts ban on crypto trading
Altcoins rebound as risk appetite improves
Bitcoin miners' profits climb to yearly peak
Texas passes strategic Bitcoin reserve bill
Short sellers liquidated as Bitcoin spikes above $90K
JPMorgan upgrades Coinbase, cites growing revenue
Bitcoin closes best quarter since 2021
Ethereum fees drop to record lows, boosting activity on the network
Whales withdraw 20,000 BTC from exchanges in bullish sign
Germany's largest bank launches crypto custody
Bitcoin recovers from weekend dip, back above $84K
SEC drops investigation into Uniswap
Pension fund doubles its Bitcoin allocation
Solana ETF inflows beat expectations
Bitcoin golden cross hints at further upside
Trump signs order supporting digital assets
Analyst: the bottom is in for Ether
Crypto funds log fifth straight week of gains
Bitcoin not in danger of falling below $80K, analysts say
Cardano leads gains among top tokens
PayPal expands crypto payments to all merchants
Bitcoin eyes new highs after strong jobs data
Tether profits hit $4.5 billion in the first quarter
Nasdaq gets approval to list options on Bitcoin ETF
Exchange recovers stolen funds, will repay users in full
Ether supply on exchanges falls to eight-year low as staking grows
Hong Kong opens door to retail crypto trading
Stablecoin bill clears Senate in win for industry
Bitcoin gains as dollar weakens
DeFi activity grows to highest level in two years
Avalanche rises 12% on institutional partnership
Bulls defend $82,000 support as Bitcoin bounces
Grayscale wins court battle over ETF
Mastercard backs blockchain settlement network
Bitcoin's dip is a buying opportunity, Bernstein says
Chainlink climbs as adoption accelerates
Central bank legalizes crypto payments
Litecoin advances ahead of halving
Confidence returns to crypto as inflation cools
Bitcoin ends losing streak with strong rally
Inflation comes in lower than expected, Bitcoin jumps
No sign of a sell-off as Bitcoin holds above $90K
"""

_ENGLISH_BAD = """
Bitcoin plunges below $75,000 as tariffs rattle markets
Ethereum falls to lowest level in a year
Exchange hacked for $1.4 billion in biggest crypto theft ever
Spot Bitcoin ETFs bleed $930 million in a single day
Over $1 billion in crypto longs liquidated
SEC sues crypto lender over unregistered securities
Bitcoin slips under key support as sellers take control
Solana drops 14% in broad sell-off
Founder of collapsed exchange sentenced to 25 years in prison
Crypto winter fears return as volumes dry up
Stablecoin loses dollar peg amid panic
Bitcoin tumbles as Fed rules out rate cuts
Hackers drain $40 million from DeFi protocol
China cracks down on crypto mining again
Ether ETF outflows extend to eighth day
Exchange halts withdrawals, citing liquidity problems
Bitcoin death cross looms, chart analysts warn
Regulator fines Binance $4.3 billion
Traders flee altcoins as risk aversion grows
Bitcoin erases weekly gains after hot inflation data
Memecoin crashes 90% in suspected rug pull
Mt. Gox moves 11,000 BTC, stoking fears of selling
Bitcoin miners capitulate as profits shrink
Crypto lender files for bankruptcy protection
North Korean hackers behind record crypto heist, FBI says
Ethereum whale dumps 50,000 ETH
Court freezes assets of troubled crypto firm
Bitcoin fails to hold $90K, momentum fades
XRP slides as Ripple lawsuit drags on
Investors pull $2 billion from crypto funds
DOJ charges executives with money laundering
Solana network suffers five-hour outage
Bearish bets on Ether hit record
Bitcoin on track for worst month since FTX collapse
Phishing attack costs user $6 million
SEC delays decision on Ether ETF again
India proposes ban on private cryptocurrencies
Recession fears hammer Bitcoin and stocks
Bridge exploit leaves token worthless
Analyst warns Bitcoin could fall to $60,000
Crypto exchange cuts a third of its staff
Bitcoin dips after whale sale
Tether under investigation for sanctions violations
Dogecoin sinks as hype fades
Massive token unlock threatens Arbitrum price
Trade war escalation sends crypto tumbling
Bitcoin not recovering despite weaker dollar
Lawmakers reject stablecoin bill
Ether underperforms as activity declines
Bank of England warns of crypto risks
Fraud allegations hit crypto fund
Bitcoin drops 5% in an hour
Miner shares slump on weak earnings
Ponzi scheme operator arrested in Dubai
No relief for Bitcoin as outflows continue
Crypto market loses $300 billion in a week
Downgrade hits Coinbase stock
Liquidity crisis spreads to DeFi lender
Bitcoin breaks below 200-day average
Rate hike fears weigh on digital assets
"""

_ENGLISH_NEUTRAL = """
Bitcoin trades flat ahead of Fed meeting
Ethereum developers schedule next upgrade for June
What to expect from this week's crypto calendar
Coinbase lists new token
Explainer: how Bitcoin halving works
Bitcoin little changed at $84,000
Interview: the founder of Aave on the future of lending
SEC to hold roundtable on tokenization
Crypto conference opens in Singapore
Ethereum foundation names new directors
Bitcoin options worth $3 billion expire on Friday
Five questions about stablecoins, answered
Binance publishes proof of reserves for March
Circle moves headquarters to New York
Bitcoin hovers near $90,000
How one artist sells paintings as tokens
Solana foundation announces hackathon dates
Tether prints 1 billion USDT
Market wrap: Bitcoin steady in quiet trading
Who is Satoshi Nakamoto? A new documentary asks again
Senate hearing on digital assets set for Tuesday
Kraken changes its fee schedule
Bitcoin dominance stands at 61%
A guide to hardware wallets
Ethereum gas explained
Polygon renames its token
CME open interest unchanged from last week
Vitalik Buterin writes about privacy
Traders await US jobs report
Bitcoin ATM count by country
Podcast: the week in crypto
Ripple CEO speaks at Davos
Grayscale rebalances its funds
Bitcoin difficulty adjusts by 0.3%
Nigeria to hold talks with Binance
Tax season: what crypto holders need to know
Opinion: why blockchains need identity
Aptos community votes on treasury
Bitcoin stays in range as traders wait
CoinDesk 20 index methodology updated
Ether and Bitcoin end the day where they began
Arbitrum DAO discusses budget
Crypto Twitter reacts to new logo
Report: 12% of Americans own crypto
BIS publishes paper on tokenized deposits
Bitcoin volume in line with monthly average
Galaxy moves coins between its own wallets
MiCA rules come into force across Europe
Chainlink appoints new product chief
Japan reviews tax rules for tokens
"""

_RUSSIAN_GOOD = """
Биткоин превысил $95 000 на фоне притока средств в ETF
Ethereum подорожал на 8% после обновления сети
Спотовые биткоин-ETF привлекли $840 млн за день
Курс Solana вырос до трехмесячного максимума
SEC одобрила спотовый ETF на Solana
Биткоин вернулся выше $100 000
Киты накапливают Ethereum рекордными темпами
Strategy докупила 5000 BTC
Visa запустила расчеты в стейблкоинах
Сальвадор пополнил резервы биткоина
Капитализация крипторынка впервые превысила $4 трлн
ФРС снизила ставку, биткоин пошел вверх
Суд отклонил иск против криптобиржи
XRP взлетел на 20% после решения суда
Хешрейт биткоина обновил исторический максимум
Альткоины восстановились после просадки
Доходы майнеров выросли до годового максимума
Техас принял закон о резерве в биткоине
Аналитики ждут роста биткоина до $120 000
Быки удержали поддержку на уровне $82 000
SEC прекратила расследование в отношении Uniswap
Пенсионный фонд удвоил вложения в биткоин
Приток в криптофонды продолжается пятую неделю
Трамп подписал указ о поддержке криптоиндустрии
PayPal расширил криптоплатежи на всех продавцов
Прибыль Tether достигла $4,5 млрд
Биржа вернула пользователям похищенные средства
Гонконг разрешил розничную торговлю криптовалютой
Сенат одобрил закон о стейблкоинах
Биткоин растет на фоне слабого доллара
Активность в DeFi достигла двухлетнего пика
Сбербанк запустит криптодепозитарий
Ethereum пробил уровень $3000
Биткоин отскочил от локального минимума
Крупнейший банк Германии начал хранить криптовалюту клиентов
Центробанк легализовал криптоплатежи
Dogecoin прибавил 15% за сутки
Инвесторы возвращаются в биткоин
Оптимизм на крипторынке усилился
Mastercard поддержит блокчейн-расчеты
Биткоин не упадет ниже $80 000, считают эксперты
Cardano возглавила рост среди топовых монет
JPMorgan повысил рейтинг Coinbase
Спрос на Ethereum-ETF побил рекорд
Индекс жадности вырос до 80
Аналитик назвал просадку биткоина хорошей возможностью для покупки
Медведи потеряли $500 млн на росте биткоина
Litecoin подскочил перед халвингом
Конгресс снял запрет на криптоплатежи
Число пользователей Solana растет третий месяц подряд
Grayscale выиграла суд у SEC
Биткоин завершил лучший квартал с 2021 года
Инфляция в США замедлилась, рынок криптовалют вырос
Polygon и Adidas объявили о партнерстве
Ралли биткоина набирает силу
"""

_RUSSIAN_BAD = """
Биткоин упал ниже $75 000 из-за пошлин
Ethereum опустился до годового минимума
Хакеры похитили $1,4 млрд с криптобиржи
Отток из биткоин-ETF составил $930 млн
Ликвидации на крипторынке превысили $1 млрд
SEC подала иск против криптокредитора
Solana рухнула на 14%
Основатель обанкротившейся биржи получил 25 лет тюрьмы
Стейблкоин потерял привязку к доллару
Биткоин обвалился после слов главы ФРС
Из DeFi-протокола вывели $40 млн
Китай ужесточил запрет на майнинг
Биржа приостановила вывод средств
Аналитики предупредили о падении биткоина до $60 000
Регулятор оштрафовал Binance на $4,3 млрд
Инвесторы бегут из альткоинов
Мемкоин обесценился на 90% за час
Майнеры распродают биткоины из-за убытков
Криптокредитор подал заявление о банкротстве
Северокорейские хакеры стоят за взломом биржи
Кит продал 50 000 ETH
Суд заморозил активы криптокомпании
Биткоин не смог удержаться выше $90 000
Курс XRP снизился на фоне судебных разбирательств
Минюст США обвинил руководителей биржи в отмывании денег
Сеть Solana остановилась на пять часов
Криптофонды потеряли $2 млрд за неделю
Фишинговая атака обошлась пользователю в $6 млн
SEC снова отложила решение по Ethereum-ETF
Индия хочет запретить частные криптовалюты
Страх вернулся на крипторынок
Эксплойт моста лишил токен ликвидности
Криптобиржа уволила треть сотрудников
Tether попал под расследование из-за санкций
Dogecoin просел на 10%
Разблокировка токенов Arbitrum угрожает цене
Торговая война обрушила криптовалюты
Центробанк предупредил о рисках криптовалют
Организатора криптопирамиды арестовали в Дубае
Биткоин подешевел на 5% за час
Акции майнеров падают после слабой отчетности
Мошенники украли криптовалюту у пенсионерки
Медведи продавили поддержку биткоина
ЕЦБ повысил ставку, рынок снижается
Капитализация рынка сократилась на $300 млрд
Ethereum теряет долю рынка
Хакер вывел $12 млн через уязвимость в контракте
Паника охватила держателей альткоинов
Сенат отклонил закон о стейблкоинах
Объем торгов упал до минимума за год
Крест смерти появился на графике биткоина
Курс Toncoin обвалился после ареста Дурова
Банкротство биржи затронуло миллион клиентов
Биткоин не растет несмотря на слабый доллар
Россия ограничит майнинг в десяти регионах
"""

_RUSSIAN_NEUTRAL = """
Биткоин торгуется без изменений перед заседанием ФРС
Разработчики Ethereum назначили дату обновления
Главные события недели: что ждать рынку
Coinbase добавит новый токен
Как работает халвинг биткоина
Биткоин стоит около $84 000
Интервью с основателем Aave
SEC проведет круглый стол по токенизации
В Сингапуре открылась криптоконференция
Ethereum Foundation назначил новых директоров
В пятницу истекают опционы на $3 млрд
Что такое стейблкоины: разбор
Binance опубликовала отчет о резервах за март
Circle переедет в Нью-Йорк
Виталик Бутерин рассказал о приватности
Tether выпустил 1 млрд USDT
Кто такой Сатоши Накамото: новый фильм
Слушания по цифровым активам пройдут во вторник
Kraken изменит тарифы
Доминирование биткоина составляет 61%
Гид по аппаратным кошелькам
Polygon сменит название токена
Трейдеры ждут данных по занятости
Подкаст: неделя в криптовалютах
Глава Ripple выступил в Давосе
Сложность майнинга изменилась на 0,3%
Нигерия проведет переговоры с Binance
Налоги на криптовалюту: что нужно знать
Мнение: зачем блокчейну идентичность
Сообщество Aptos проголосует по казне
Биткоин остается в диапазоне
Обновлена методика индекса CoinDesk 20
Опрос: 12% американцев владеют криптовалютой
Банк международных расчетов опубликовал доклад о токенах
Galaxy переместила монеты между своими кошельками
Правила MiCA вступили в силу в Европе
Chainlink назначил нового директора по продукту
Япония рассмотрит налоговые правила для токенов
Forklog запустил новую рубрику
Трейдеры обсуждают новый логотип биржи
"""

_BLOCKS = (
    ("en", 1, _ENGLISH_GOOD),
    ("en", -1, _ENGLISH_BAD),
    ("en", 0, _ENGLISH_NEUTRAL),
    ("ru", 1, _RUSSIAN_GOOD),
    ("ru", -1, _RUSSIAN_BAD),
    ("ru", 0, _RUSSIAN_NEUTRAL),
)
