### English texts of Quorum.

## place

place-VENUE = VENUE
place-PAIR = PAIR
place-AMOUNT = AMOUNT
place-LIMIT = LIMIT
place-VALUE = VALUE
place-DOLLARS = DOLLARS
place-REASON = REASON
place-USER = USER
place-TEXT = TEXT

## language

language-name = English
language-unknown = { $text } is not a language I speak: { $known }.
language-question = Which language shall I speak?
language-changed = I speak English with you from now on.

## thousands

thousands-separator = ,

## day

day-hour = { $day } { $month } { $hour }

## age

age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count } d

## people

people-invitation-example = /start CODE
people-registered = Hello, { $name }! You are registered.
people-welcome-back = Welcome back, { $name }.
people-signup-closed = Sign-up is closed: this bot takes nobody new at the moment.
people-invitation-needed = This bot is by invitation. Open your invitation link, or send { $example }.
people-banned = The operator has closed your access. Nothing new is opened for you; the stops of open positions stay where they are.
people-stranger = We have not met yet: send /start first.
people-introduction = Every 30 minutes I look at the market, ask several AI models independently and act only where enough of them agree and every risk rule allows it. You start with { $paper } money: it is not real, and nothing you own can be lost.
people-first-step =
    Add a pair with an amount: { $example }
    Everything I can do: /help
people-first-pair-button = Add BTC/USDT, 1,000 PAPER
people-help-button = Help

## message

message-cut = <i>… cut here: there is more than a message can hold.</i>

## month

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec

## side

side-long = LONG
side-short = SHORT
side-flat = flat

## order

order-side-buy = bought
order-side-sell = sold

## action

action-open_long = open long
action-open_short = open short
action-close = close
action-hold = hold

## outcome

outcome-entered = entered
outcome-exited = left
outcome-held = held
outcome-denied = entry denied
outcome-skipped = skipped
outcome-failed = failed
outcome-interrupted = interrupted

## abstention

abstention-deadline = no answer in time
abstention-unavailable = not reachable
abstention-budget = over budget, not asked
abstention-refused = refused to answer
abstention-malformed = answered outside the form
abstention-fabricated = an answer with made-up figures
abstention-not_configured = not configured

## breaker

breaker-LOSSES_IN_A_ROW = losses in a row
breaker-DAY_LOSS = the day's loss limit

## state

state-active = trading is on
state-reducing = exits only, no new entries
state-halted = HALTED: nothing new is opened

## topic

topic-trades = trades opened and closed
topic-notices = notices
topic-digest = daily digest

## limit

limit-max_position_ratio = position, share of equity
limit-risk_per_trade_ratio = loss at the stop, share
limit-max_leverage = leverage
limit-max_drawdown_ratio = drawdown
limit-max_day_loss_ratio = loss in a day
limit-max_losses_in_a_row = losses in a row
limit-max_open_positions = open positions
limit-max_entries_per_day = entries in a day
limit-max_order_notional = size of an order
limit-min_confidence = confidence of the council
limit-min_reward_to_risk = target to stop
limit-max_spread_ratio = spread
limit-profit_withdrawal_ratio = notice of profit, of capital

## help

help-group-trade = Trade
help-group-look = Look
help-group-stop = Stop
help-group-money = Limits and real money
help-group-settings = Settings
help-group-admin = Operator
help-paper = Sums marked PAPER are not real money.
help-form = Write it like this:
help-example = For example:
help-unknown-command = I don't know “{ $said }”. Everything I can do: /help
audit-empty = Nothing has been changed yet.
audit-title = Your audit log
stray-key-deleted = That message looked like an API key, so it was deleted and not used. Telegram has already transported it: replace the key at the venue. To connect a venue: /connect
stray-key-left = That message looks like an API key, and Telegram refused to delete it. Delete it yourself and replace the key at the venue. To connect a venue: /connect

## headline

headline-trade_opened = Position opened
headline-trade_closed = Position closed
headline-stop_hit = Stop hit
headline-target_hit = Target hit
headline-liquidated = LIQUIDATED
headline-protection_failed = Protection failed
headline-breaker_opened = Breaker opened
headline-breaker_closed = Breaker closed
headline-order_in_doubt = Order in doubt
headline-order_resolved = Order settled
headline-books_differ = The books differ
headline-venue_down = Exchange down
headline-models_down = Models are silent
headline-bad_data = Bad market data
headline-cycle_missed = Cycle missed
headline-cycle_failed = Cycle failed
headline-budget_reached = Budget reached
headline-withdrawal_due = Profit can be taken out
headline-state_changed = Trading was switched
headline-restarted = Restarted
headline-daily_digest = Your day
headline-system = Message from the operator

## denial

denial-TRADING_REDUCING = only exits are allowed now
denial-TRADING_HALTED = trading is halted
denial-PAIR_PAUSED = the pair is paused
denial-NOT_RECONCILED = the books have not been compared with the venue yet
denial-ORDER_IN_DOUBT = the fate of an earlier order is not proven
denial-BARE_POSITION = a position stands without its stop
denial-BREAKER_OPEN = the pair's breaker is open
denial-USER_BREAKER_OPEN = your breaker is open for all pairs
denial-CLOCK_OFFSET = our clock and the venue's differ too much
denial-DRAWDOWN_LIMIT = the drawdown limit is reached
denial-DAY_LOSS_LIMIT = the day's loss limit is reached
denial-DUPLICATE_ORDER = the same entry was made a moment ago
denial-TOO_MANY_ENTRIES = too many entries in 24 hours
denial-TOO_MANY_REJECTIONS = the venue refused too many orders
denial-LOSS_COOLDOWN = a loss was closed a moment ago
denial-TOO_MANY_POSITIONS = too many open positions
denial-BAD_MARKET_DATA = the market data is bad
denial-STALE_MARKET_DATA = the market data is too old
denial-STALE_RULES = the venue's rules are too old
denial-BOOK_MISSING = there is no order book
denial-BOOK_TOO_THIN = the order book is too thin
denial-SPREAD_TOO_WIDE = the spread is too wide
denial-PRICE_DEVIATION = the prices contradict each other
denial-INDICATOR_MISSING = an indicator is missing
denial-BOLLINGER_TOO_WIDE = the market moves too wildly
denial-FUNDING_TOO_HIGH = funding is too dear
denial-QUORUM_MISSING = there is no quorum
denial-CONFIDENCE_TOO_LOW = the council is not sure enough
denial-STOP_MISSING = no stop was given
denial-STOP_TOO_CLOSE = the stop is too close
denial-STOP_TOO_FAR = the stop is too far away
denial-TARGET_MISSING = no target was given
denial-TARGET_TOO_CLOSE = the target is too close
denial-REWARD_TOO_SMALL = the target is too near for such a stop
denial-COSTS_TOO_HIGH = costs would eat too much of the target
denial-EXPECTED_VALUE_TOO_LOW = the trade wins too rarely for its stop, target and costs
denial-WIN_PROBABILITY_MISSING = no win probability was given
denial-NEWS_VETO = the news speaks against it
denial-NEWS_DOUBT = the headlines lower the confidence, so the order is smaller
denial-ALREADY_POSITIONED = there is a position already
denial-NOTHING_TO_CLOSE = there is nothing to close
denial-STOP_BEYOND_LIQUIDATION = liquidation would come before the stop
denial-LEVERAGE_LIMIT = the leverage limit
denial-POSITION_LIMIT = the position limit
denial-EXPOSURE_LIMIT = the exposure limit
denial-DIRECTION_LIMIT = too much in one direction
denial-BALANCE_LIMIT = the balance is too small
denial-LOSS_ROOM_LIMIT = the day's loss limit leaves no room
denial-BOOK_SHARE_LIMIT = the order would take too much of the book
denial-NOTIONAL_ABOVE_MAX = the order is too large
denial-QUANTITY_ABOVE_MAX = the venue takes no order that large
denial-QUANTITY_BELOW_MIN = the quantity is below the venue's minimum
denial-NOTIONAL_BELOW_MIN = the order is below the venue's minimum
denial-PROTECTION_TOO_CLOSE = stop and target would fall together



## receipt

receipt-head-entered = Entered
receipt-head-exited = Left
receipt-head-held = Held
receipt-head-denied = Denied an entry in
receipt-head-skipped = Skipped
receipt-head-failed = Failed on
receipt-head-interrupted = Was interrupted on
receipt-newest = Newest
receipt-paused-now = No cycle starts now: { $pair } is { $state }. /resume starts the cycles again.
receipt-more-denials = ; and { $more } more
receipt-denied = Risk says no
receipt-real-money = real money
receipt-not-real-money = not real money
receipt-votes-title = Votes
receipt-chance = wins { $chance } of 100
receipt-chance-assumed = wins { $chance } of 100 (assumed by the rule)
receipt-no-votes = Nobody was asked.
receipt-offline-rules = <i>(offline rules) are fixed rules, not language models.</i>
receipt-no-vote = no vote
receipt-late = (late, not counted)
receipt-rules-title = Risk rules
receipt-rules = { $passed } passed, { $clamps } made it smaller, { $denials } said no.
receipt-market-title = Market
receipt-no-market = No market data reached this cycle.
receipt-prices = last { $last_price }, mark { $mark_price }, spread { $spread_ratio }
receipt-seconds = s
receipt-ages = Age of the data: { $ages }
receipt-news-title = News
receipt-news = Stories: { $item_count }, mood { $mood } (−1 to +1)
receipt-news-silent = Stories: { $item_count }, none says anything good or bad
receipt-headlines-title = Headlines
receipt-headlines-kept = Asked again with headlines ({ $headlines }): the entry is confirmed.
receipt-headlines-weakened = Asked again with headlines ({ $headlines }): the entry is confirmed with a lower confidence, so it is smaller.
receipt-headlines-stopped = Asked again with headlines ({ $headlines }): the entry is not confirmed, hold.
receipt-headlines-unanswered = Asked again with headlines ({ $headlines }): too few models answered, hold.
receipt-headlines-closed = Asked again with headlines ({ $headlines }): the position is closed.
receipt-headlines-unmoved = Asked again with headlines ({ $headlines }): nothing changes.
receipt-both-answers = Market alone: { $market }, { $market_confidence } %. With headlines: { $answer }, { $answer_confidence } %.
receipt-equity = Equity { $equity } { $currency }, net { $net_pnl } { $currency }
receipt-position = Position: { $held } from { $entry }, stop { $stop }, target { $target }

## feed

feed-warning = No news from { $feeds }: { $why }
feed-no-answer = no answer. Check the network; the next cycle asks again.
feed-status = the server answered { $status }.
feed-no-credits = the credits are used up (402). Buy credits at the vendor, or take the feed out of QUORUM_FEEDS.
feed-forbidden = the server refuses the request (403). The key may lack the right, or the publisher blocks this address.
feed-limited-until = too many requests (429) until { $until }.
feed-too-large = the answer is larger than { $megabytes } MB.
feed-changed = the answer is no feed: the publisher has changed the address or the form.
feed-budget-reached = the day's limit for paid reads is reached (QUORUM_X_DAY_USD). Reads continue at 00:00 UTC.
feed-unknown = There is no feed { $feed }. Known are { $known }, and any address as rss:NAME=URL.
feed-bad-address = { $feed } is no feed address. Write rss:NAME=URL, with a short name and an http(s) address.
feed-name-taken = The name { $feed } belongs to another feed. Choose another name in rss:NAME=URL.
feed-x-no-token = The feed x needs X_BEARER_TOKEN.
feed-x-unset = The feed x needs a list (QUORUM_X_LIST, digits) or accounts (QUORUM_X_ACCOUNTS, names separated by commas).
feed-x-too-many = The accounts of QUORUM_X_ACCOUNTS do not fit into one search of 512 characters. Use a list.

## source

source-live = live prices
source-recorded = RECORDED prices, not of now
source-sample = SAMPLE prices, made up by a generator

## command

command-addpair = trade a pair with an amount, on PAPER
command-removepair = stop trading a pair
command-capital = set aside another amount for a pair
command-pairs = your pairs
command-audit = who changed what of yours
command-resume = trade again, closes an open breaker
command-status = everything at a glance
command-positions = open positions
command-trades = latest executions
command-why = why the last cycle did what it did
command-stats = results and the equity picture
command-models = how often each model was right
command-pause = no new entries, stops stay
command-adopt = hand a position opened by hand to Quorum
command-close = close a position at the market
command-panic = close and pause everything now
command-risk = your limits
command-budget = what the models cost today
command-mode = PAPER or real money
command-profit = what becomes of live profit
command-connect = connect your exchange, step by step
command-disconnect = forget your exchange key
command-alerts = which messages you get
command-language = English or Russian
command-help = this list
command-users = everybody
command-health = the state of the system
command-seats = the models of the council and their state
command-ask = ask the council once, without a trade
command-halt = stop all entries of everybody
command-unhalt = allow them again
command-ban = close a user's access
command-unban = open it again
command-broadcast = a message to everybody

## admin

admin-user-count = Users: { $count }
admin-scheduler-answers = answers
admin-scheduler-silent = ⚠️ does not answer
admin-scheduler-no-pool = ⚠️ the work pool is gone: no run starts. Start `quorum up` or `quorum prepare` again
admin-scheduler-paused = ⚠️ paused: { $names }. Resume in the Prefect UI
admin-scheduler-missing = ⚠️ missing or changed: { $names }. The next sync restores them
admin-health = Health
admin-scheduler = Scheduler: { $answers }
admin-last-cycle-ago = Last cycle: { $cycle } ago
admin-last-cycle = Last cycle: { $cycle }
admin-totals = Users { $users }, pairs { $pairs }, open positions { $open_positions }
admin-backlog = Messages owed: { $backlog }{ $waits }
admin-council-well = Council: { $summary }
admin-council-broken = 🔴 <b>Council: { $summary }</b>
admin-unhalted = Trading is on again for everybody.
admin-halted = <b>HALTED for everybody</b>: nothing new is opened; exits and stops work on. /unhalt allows entries again.
admin-halt-question = Stop all entries of everybody? Reason: “{ $reason }”
admin-broadcast-question = Send this to { $count } users?
admin-broadcast-queued = Queued for { $count } users; it goes out behind everything that is about risk.
admin-user-banned = { $name } is banned: no entries, no commands; stops stay.
admin-user-unbanned = { $name } may use the bot again.
admin-mark-admin = admin
admin-mark-banned = banned
admin-mark-blocked-bot = blocked the bot
admin-user-pairs = pairs { $pairs }

## common

common-more = … and { $more } more
common-none-yet = none yet
common-yes = Yes
common-cancel = Cancel
common-canceled = Canceled: nothing was changed.
common-button-stale = This button is used up or too old. Send the command again.
common-positions = Positions
common-status = Status
common-pause = Pause
common-paused = paused
common-paused-in-prefect = paused by the operator in the Prefect UI
common-running = running
common-why = Why
common-resume = Resume
common-no-stop = ⚠️ <b>no stop</b>
common-position-flat = Position: flat
common-stats = Stats

## alert

alert-settings-title = Messages
alert-settings-always = Breakers, failed protection, liquidations and orders in doubt are always told.
alert-settings-turn-on = Turn on: { $name }
alert-settings-turn-off = Turn off: { $name }

## budget

budget-title = Models' budget
budget-spent-today = Spent today: { $spent }
budget-shared = One answer serves everybody who trades the pair while flat, so it is paid once. These are real dollars of the operator, not of your capital.
budget-when-used-up = With the budget used up the models abstain: nothing is entered, stops and exits work on.
budget-no-limit = No daily limit is set.
budget-limit = Daily limit: { $limit }, { $used } used

## close

close-no-position = { $pair } has no open position.
close-question = Close { $pair } at the market now? You hold { $held }.
close-button = Close { $pair }
close-begun = Closing { $pair } at the market has begun. A message follows when it is done.
close-stuck = { $pair } is paused. <b>The closing could not be started</b>: the scheduler does not answer. A worker closes the position without the scheduler, usually within seconds: /positions shows it. A message follows if that takes longer than 20 s; then send { $command } again or close at the exchange. Its stop and target stay where they are.

## adopt

adopt-nothing = { $pair } has no position at the venue that Quorum did not open.
adopt-question = Hand the position in { $pair } at { $venue } to Quorum: { $held } at { PRICE($price) }? Quorum places a stop { $percent } % from the mark price at once; from then on the council may close the position.
adopt-button = Hand over { $pair }
adopt-begun = Quorum takes over the position in { $pair }, usually within seconds. A message follows.
adopt-changed = The position at the venue is another than the one you confirmed.

## panic

panic-question = Pause every pair and close every position at the market now: { $names }?
panic-button = Yes, close everything
panic-begun = Everything is paused and being closed: { $names }.
panic-stuck = Everything is paused: { $names }. <b>The closing could not be started</b>: the scheduler does not answer. A worker closes the positions without the scheduler, usually within seconds: /positions shows them. A message follows if that takes longer than 20 s; then close at the exchange. Stops and targets stay where they are.
closing-count = Paused. <b>{ $done } of { $count } closed.</b> Closing at the market: { $names }.
closing-done = Done: <b>{ $done } of { $count } closed.</b> Paused and without a position: { $names }. /resume trades again.
closing-withdrawn = Not closed, because /resume withdrew the request: { $names }.
closing-not-begun = { $pair }: no worker has begun to close it.
closing-in-work = { $pair }: a worker is closing it.
closing-failed = { $pair }: not closed after { $attempts } attempts. Last reason: { $why }
closing-late-help = ⚠️ { $seconds } s have passed. The operator is told, and workers try again every 10 s. To close by hand: open the position at the exchange, close it there at the market, then cancel its stop and target. Stops stay in place until then.

## remove


## connect

connect-venue-question = Which exchange do you want to connect?
connect-key-rights = Step 1 of 2. Make an API key at { $name }: reading and futures trading allowed, <b>withdrawals and transfers forbidden</b>, bound to our IP address. A key that may move money away is refused.
connect-key-question = Send me the <b>API key</b> now. I delete your message at once and keep the key sealed.
connect-secret-question = Step 2 of 2. Now the <b>API secret</b> of { $venue }.
connect-key-sealed = The key { $known } for { $name } is sealed and being checked at the exchange.
connect-paper-first = It is not used yet: paper comes first. See /mode for what is missing for real money.
connect-key-in-command = I read no keys from there. Send /connect and follow the two steps.
connect-forgotten = The key for { $name } is forgotten. Delete it at the exchange as well.
connect-key-message-left = ⚠️ <b>I could not delete your message with the key: delete it yourself now.</b>

## mode

mode-title = PAPER or LIVE
mode-live-refused = { $pair } stays on PAPER: real money is not earned yet.
mode-live-question = ⚠️ <b>From then on orders for { $pair } go to { $venue } with your real money, { $capital }.</b> Losses are yours. A past on paper proves nothing about the future.
mode-live-phrase = If you want that, type: { $phrase }
mode-now-live = { $pair } trades <b>LIVE</b> from its next cycle: real money. /pause and /panic work at any time; /mode paper goes back.
mode-now-paper = { $pair } trades on <b>PAPER</b> from its next cycle: not real money.
mode-real-money = Real money.
mode-needs-key = a verified exchange key (/connect)
mode-needs-days = days on PAPER: { $paper_days } of { $required_days }
mode-needs-trades = closed PAPER trades: { $trades } of { $required_trades }
mode-results = Net { $net } { $currency }, won { $won }, deepest drawdown { $deepest }
mode-eased = The operator has shortened what is required.
mode-explained = PAPER is not real money. For real money: { $live }, and back: { $paper }

## risk

risk-title = Your limits{ $of }
risk-explained = Stricter holds at once: { $example }. Looser needs your confirmation and waits an hour; looser than the operator's limit is not possible.
risk-changed = { $name } is { $value } from now on.
risk-raise-question = Loosen { $name } from { $current } to { $value }? More can be lost then. It would hold in an hour; until then you can take it back.
risk-raise-button = Yes, in an hour
risk-raise-scheduled = { $name } becomes { $value } at { $due }.
risk-raise-cancel-button = Take it back
risk-raise-canceled = { $name } stays as it is.
risk-allowed = (allowed { $allowed })

## error

error-ours = Something went wrong on our side; error { $known }. Send /status to see what stands, and try again.
error-try-later = A part of the system does not answer right now. Try again in a minute; stops stay where they are.

## digest

digest-head = { $day } (UTC): { $cycles } cycles.
digest-paused = (paused)
digest-paused-in-prefect = (paused by the operator)
digest-audit = Audit log: { $count } entries, head { $head }
digest-pair = { $day } { $currency } on the day, equity { $equity } { $currency } (net { $net } { $currency }), trades closed { $trades }

## models

models-title = Models, last { $days } days
models-none = No model was asked for your pairs in this time.
models-alone-explained = Alone: what following this model only would have come to, of one notional, after costs. It is no promise.
models-together = Together, by quorum { $together } · HOLD 0.00 % · buy-and-hold { $market }
models-few-votes = (few votes)
models-ms = ms
models-fixed-rules = · fixed rules
models-right = Right { $right } of { $votes }, { $share }{ $few }
models-asked = Asked { $asked }, silent { $silent }, late { $late }
models-alone = Alone { $alone } · cost { $cost } · { $latency }

## pairs

pairs-title = Your pairs
pairs-none = You trade no pair yet. Add one with an amount: { $example }
pairs-added = Added { $pair } with { $capital } on { $venue } prices.
pairs-added-next = The council looks at it every 30 minutes; /why tells what it decided.
pairs-removed = Removed { $pair }. Its trades and receipts stay.
pairs-paused = Paused: { $names }. No new entries; stops and targets stay.
pairs-resumed = Running again: { $names }. An open breaker is closed, too.
pairs-since = since
pairs-resume-one = Resume { $pair }
pairs-pause-one = Pause { $pair }
pairs-capital-changed = { $pair } trades with { $new } { $currency } from the next cycle on, { $old } before. The change counts neither as profit nor as loss.
pairs-follows-later = It is saved. The scheduler does not answer right now and follows within minutes.

## positions

positions-none = No open positions.
positions-title = Open positions
positions-prices-of = Prices are those of the last cycle, { $of }.
positions-from = from { $entry }
positions-from-marked = from { $entry }, now { $mark }: { $now } { $currency }
positions-protection = stop { $stop }, target { $target }, leverage { $leverage }
positions-since = since { $since }
positions-close-button = Close { $pair } …

## trades

trades-none = No executions yet.
trades-title = Latest executions
trades-liquidation = (liquidation)
trades-fill = { $done } { $quantity } at { $fill_price }, fee { $fee }

## profit

profit-is-moved = profit is moved
profit-stays = profit stays
profit-no-venue = No exchange yet: /connect
profit-explained = When a pair without a position reaches your threshold (profit_withdrawal_ratio in /risk), its profit is set aside: on PAPER always, with real money only if you switch it on.
profit-now-stays = Profit at { $name } stays where it is. Untick { $right }: a key that may transfer opens nothing.
profit-now-moved = Profit at { $name } moves to your own funding wallet there, once a day at most. Your key needs one more right for it: { $right }. Withdrawals stay forbidden: a key that may withdraw is refused.

## stats

stats-note = After fees and funding; an open position counts at the last cycle's mark price.
stats-no-cycle = no finished cycle yet
stats-equity = Equity { $equity } of { $whole } { $currency }
stats-net = Net <b>{ $net }</b> { $currency } · HOLD { $hold } · buy-and-hold { $market } { $currency }
stats-costs = Fees { $fees } { $currency }, funding { $funding } { $currency }
stats-other-fees = The fees include { $value } { $currency } paid as { $amount } { $asset }
stats-drawdown = Drawdown { $drawdown }, deepest { $max_drawdown }
stats-no-trade = No closed trade in { $cycles } cycles
stats-trades = Closed trades { $trades }: won { $wins } ({ $won }), lost { $losses }, profit factor { $factor }
stats-best-worst = Best { $best }, worst { $worst } { $currency }; held { $held } on average

## status

status-equity = Equity { $equity } { $currency }, net { $net } { $currency }
status-stop = stop { $stop }
status-position = Position: { $size } from { $entry }{ $open_gain }, { $protected }
status-breaker-closed = Breaker: closed
status-breaker-for-all = for all pairs
status-breaker-open = ⚠️ <b>Breaker open{ $scope }</b> until { $until }: { $cause }
status-orders-in-doubt = ⚠️ Orders in doubt: { $count }, looked up until proven
status-no-cycle = Last cycle: none yet
status-last-cycle = Last cycle { $at }: { $word }. { $short }
status-next-cycle-paused = Next cycle: none while paused
status-next-cycle-paused-in-prefect = Next cycle: none while the operator's pause lasts. The operator ends the pause in the Prefect UI, or you with /resume
status-next-cycle = Next cycle: about { $at }
status-more-pairs = … and { $count } more pairs: /pairs
status-refresh = Refresh

## Requests that can't be carried out

user-gone = This user was removed.
pair-already-traded = You already trade { $pair }. Remove it first.
capital-not-positive = { $amount } { $quote } can't be traded: the amount must be above 0.
capital-too-large = { $amount } { $quote } is too much: one pair may have at most { MONEY($most) }.
capital-too-precise = { $amount } { $quote } has more than two decimals.
capital-too-small = { $amount } { $quote } is too little for { $pair }: the smallest order there is { $least } { $quote } and a position may take { $share } of the amount. Give it at least { $minimum } { $quote }.
pair-missing-none = You do not trade { $pair }. You have no pairs yet.
pair-missing = You do not trade { $pair }. Your pairs: { $known }.
no-pairs = You trade no pair yet: add one, for example BTC/USDT 1000.
time-unreadable = “{ $text }” is not a time like 2025-03-01T12:00 (UTC).
pair-has-position = { $pair } still has an open position of { $quantity } { $base }: close it first, then remove the pair.
pair-has-orders = { $pair } has { $count -> 
    [one] { $count } order that is
   *[other] { $count } orders that are
 } not settled yet: try again in a few minutes.
name-length = A name has 1 to { $most } characters; this one has { $count }.
name-unprintable = A name has printable characters only.
name-is-number = “{ $name }” looks like a user's number: a name needs a letter.
venue-not-connectable = “{ $text }” can't be connected: choose binance or bybit.
key-incomplete = An API key and its secret are both needed.
pair-of-one = { $text } is not a pair: both sides are { $base }.
pair-not-perpetual = “{ $text }” is not a perpetual; only perpetuals are traded.
pair-unreadable = “{ $text }” is not a pair like BTC/USDT.
number-too-long = The number has more than { $most } digits before or after the point.
number-unreadable = “{ $text }” is not a number.
number-not-finite = { $text } is not a finite number.
venue-unknown = “{ $text }” is not a venue: choose one of { $known }.
reason-unprintable = A reason has printable characters only.
reason-length = Say why, in 1 to { $most } characters.
key-in-use = { $pairs } trades live at { $venue } and needs the key: put it on PAPER first.
ban-yourself = You can't ban yourself.
live-locked-pair = Live trading is locked in this installation: the pair stays on PAPER.
limit-unknown = “{ $name }” is not a limit.
limit-only-lower = { $name } can only be lowered: { $value } is above the limit of { $limit }.
limit-only-higher = { $name } can only be raised: { $value } is below the limit of { $limit }.
limit-not-whole = { $name } must be a whole number, not { $value }.
limit-too-high = { $name } must be at most { $most }.
limit-too-low = { $name } must be at least { $least }, not { $value }.
limit-not-positive = { $name } must be above 0, not { $value }.
limit-unreadable = { $name }: { $why }
alerts-form = Write a subject ({ $names }) and on or off, like: trades off.
budget-form = A day's budget is 0 to { $most } dollars, or off.
too-many-pairs = You trade { $count } pairs; { $most } is the most.
user-missing = There is no user { $user }.
run-not-deployed = { $name } is not deployed.
run-going-on = { $name } is running already: wait for it to end.
telegram-account-taken = Telegram account { $telegram_id } already has a user.
deposit-not-possible = A deposit of { $amount } { $currency } is not possible.
withdrawal-not-possible = A withdrawal of { $amount } { $currency } is not possible.
withdrawal-too-large = { $amount } { $currency } can't be withdrawn: only { $available } are free.
pair-not-looked-up = { $pair } could not be looked up at the exchange. Try again in a minute.
no-keys-here = Keys are not typed in here: leave the chat and use `quorum connect VENUE`.
foreign-result = A stored result in the format { $kind } is refused: only Quorum’s own format is read.

## Users and receipts

user-ambiguous = { $count } users are named { $user }: use the number, see `quorum user list`.
user-not-found = There is no user { $user }. Users: { $known }.
user-local-missing = There is no user { $user }. Users: { $known }. Start `quorum up` once, or add one: quorum user add local.
user-name-taken = There is a user named { $name } already.
forget-needs-name = Nobody was forgotten: give a name or a number, see `quorum user list`.
forget-needs-owner = Erasing a user needs the owner's address of the database: set QUORUM_DATABASE_URL.
forget-needs-prefect = Erasing a user needs the address of Prefect's database too: set PREFECT_SERVER_DATABASE_CONNECTION_URL.
forget-has-positions = Nothing was erased: { $pairs } has an open position. Close it first, for example with `quorum close`.
forget-has-orders = Nothing was erased: { $pairs } has an order that is not settled yet. Try again in a few minutes.
forget-has-cycles = Nothing was erased: a cycle of { $pairs } is running. Try again in a minute.
receipt-of-your-pairs = your pairs
receipt-missing = There is no finished cycle of { $of } yet.
receipt-missing-at = There is no finished cycle of { $of } at { $cycle }.
pair-lookup-needs-prefect = { $pair } can't be looked up while Prefect does not run.
broadcast-length = A message has 1 to { $most } characters.

## Alerts, reasons of cycles and orders, answers of venues

denial = { $reason } ({ $figures })
figure = { WORDS($name) } { $value }
cycle-denied = The entry was denied: { $denials }.
cycle-denied-more = The entry was denied: { $denials }; and { $more } more.
consensus-agreed = { $count } of { $answers } answers say { $action } ({ $quorum } needed).
consensus-no-answer = No model answered ({ $quorum } needed): hold.
consensus-one-answer = Only one answer, { $action } ({ $quorum } needed): hold.
consensus-disagreed = No agreement: { $votes } ({ $quorum } needed): hold.
consensus-count = { $count } { $action }
consensus-contradicted = { $said } Not counted, because their models contradict each other: { $vendors }.
news-entry-kept = { $said } Asked again with headlines ({ $headlines }), the council confirms: confidence { $before }, acted on { $after }.
news-entry-weakened = { $said } Asked again with headlines ({ $headlines }), the council confirms with a lower confidence, { $after } instead of { $before }: the order is smaller.
news-hold-stopped = { $said } Asked again with headlines ({ $headlines }), the council does not confirm: hold. { $answer }
news-hold-unanswered = { $said } Asked again with headlines ({ $headlines }), too few models answered: hold. { $answer }
news-closed = Asked again with headlines ({ $headlines }), the council leaves the position. { $answer }
filled-buy = Bought { $quantity } { $base }.
filled-sell = Sold { $quantity } { $base }.
filled-at-buy = Bought { $quantity } { $base } at { PRICE($price) }.
filled-at-sell = Sold { $quantity } { $base } at { PRICE($price) }.
exit-by-council = The council closed the position.
exit-not-filled = The exit order has not filled yet.
position-ended-at-once = The position ended as soon as it was open.
entry-position-unknown = The entry is placed; the guard looks after the position. { $why }
entry-not-filled = Not entered: the order did not fill.
entry-refused = Not entered: { $why }
entry-in-doubt = It is not known yet whether the entry order was placed; it is looked up until that is proven. { $why }
entered-without-stop = Entered, and closed at once because the stop could not be placed: { $why }
leverage-not-set = Not entered: the leverage could not be set. { $why }
order-never-sent = The order was never sent.
order-not-shown = The venue does not show the order.
order-lease-over = The time to send the order was over, so it was not sent.
order-busy = Another process is sending this order.
order-unplanned = No price was planned for this order.
order-not-ours = Another process has taken over this order; it is not sent from here.
order-taken-over = Another process has taken over this order.
order-name-taken = The venue has an order of that name already.
order-name-unknown = No open order has that name.
order-checks-slow = The checks before the order took { $took } s and { $limit } s are the limit, so it was not sent.
target-missing = The target order does not rest at the venue: { $why }
pair-paused = { $pair } is paused.
pair-paused-in-prefect = { $pair } is paused by the operator in the Prefect UI.
pair-removed = { $pair } is not traded any more.
trading-halted = Trading is halted: nothing new is opened.
trading-reducing = Only exits are allowed now.
cycle-done-already = This cycle has been run already.
cycle-too-late = The cycle was due at { $due } and started too late to be of use.
cycle-no-market = No market data: { $why }
cycle-no-account = The account could not be read: { $why }
cycle-no-position = The position could not be read: { $why }
cycle-bad-data = The market data is bad, so we hold: { $finding }
cycle-interrupted = The process that ran this cycle ended before the cycle was finished.
nothing-to-decide = There was nothing to decide.
run-process-lost = The process of the cycle was lost.
run-process-gone = The process that ran the cycle is gone.
run-stopped = The cycle was stopped before it was finished.
run-failed = The cycle failed unexpectedly ({ $kind }).
run-too-late = The cycle could not begin before the next one was due.
run-never-began = The cycle never began. { $why }
market-too-slow = The market data of { $pair } at { $venue } took too long.
books-differ = Our books hold { $ours } and the venue says { $theirs }.
scope-all-pairs = All your pairs
leg-entry = entry
leg-exit = exit
leg-stop = stop
leg-target = target
alert-opened-long = { $pair }: opened long { $quantity } { $base } at { PRICE($price) } { $currency }.
alert-opened-short = { $pair }: opened short { $quantity } { $base } at { PRICE($price) } { $currency }.
alert-closed = { $pair }: { $how }, net { GAIN($net) } { $currency } after fees and funding.
ended-at = { $how } at { PRICE($price) }
ended-trade_closed = closed
ended-stop_hit = stop hit
ended-target_hit = target hit
ended-liquidated = LIQUIDATED by the venue
alert-unprotected-closed = { $pair }: the stop could not be placed, so the position was closed at once. Why: { $why }
alert-unprotected = { $pair }: the stop could not be placed, and closing the position is not proven yet. It is tried again every few minutes: look at the venue yourself. Why: { $why }
alert-in-doubt = { $pair }: { $venue } did not say whether it took the { $leg } order of { $quantity } { $base }. We don't send it again; we look it up until that is proven and open nothing new until then.
alert-order-found = { $pair }: the { $leg } order that was in doubt was found at the venue and is booked.
alert-order-absent = { $pair }: the { $leg } order that was in doubt never reached the venue; nothing is open from it.
alert-books-differ = { $pair }: { $difference } Nothing new is opened until our books and the venue agree.
alert-position-foreign = { $pair }: { $venue } holds { $held } at { PRICE($price) }. { $part } Quorum does not touch it and opens nothing in this pair. Close it at { $venue } by hand, or hand it to Quorum with /adopt { $pair } (at the terminal: quorum adopt { $pair }).
foreign-whole = Quorum did not open this position.
foreign-part = Quorum opened { $quantity } { $base } of this position and protects that part; the rest is not Quorum's.
held-long = a long position of { $quantity } { $base }
held-short = a short position of { $quantity } { $base }
alert-adopted = { $pair }: Quorum took over { $held } at { $venue }, entered at { PRICE($price) }. A stop is being placed.
alert-not-adopted = { $pair }: the position was not taken over and is still yours. Why: { $why } Send /adopt { $pair } to try again.
alert-breaker-opened = { $scope }: the breaker opened because of { $cause } ({ $figures }). No entries until { $until }; stops stay.
alert-breaker-closed = { $scope }: the breaker closed, entries are possible again.
alert-profit-due = { $pair }: equity is { MONEY($equity) } { $currency }, above your threshold of { MONEY($threshold) } { $currency }. { MONEY($amount) } { $currency } of it is settled profit that you could take out.
alert-venue-down = Cycles of { $pair } at { $venue } are skipped: { $why }
alert-models-down = No model answered for { $pair }: every cycle holds until one does.
alert-budget-reached = { $whose } is used up for { $day } (UTC): { $cap } a day. Models are not asked beyond it until midnight UTC, and nothing is opened without a quorum. Stops and targets stay at the venue; closing by hand needs no model.
budget-of-pair = { $pair }: your budget for the pair
budget-of-user = Your budget for models
budget-of-installation = The whole installation's budget for models
alert-cycle-failed = { $pair }: the cycle of { $cycle } did not finish. { $why } Stops stay at the venue; orders are checked within minutes.
alert-reconcile-failed = { $count } users could not be reconciled ({ $users }). It is tried again every few minutes; until then nothing is opened for them. See the failed tasks of the reconcile flow.
alert-restarted = The worker { $worker } has started. { $count -> 
    [one] { $count } cycle was
   *[other] { $count } cycles were
 } cut off and closed as interrupted; orders are looked up and positions protected within minutes. Nothing is to be done.
alert-restarted-clean = The worker { $worker } has started. No cycle was cut off.
alert-key-refused = Nothing new is opened at { $venue }: { $why } The key is checked again every hour, and at once after /connect; exits, stops and cancels go on.
alert-key-accepted = The { $venue } key is fine again: entries are possible.
profit-set-aside = { $pair }: { MONEY($amount) } { $currency } of profit was set aside and is not traded any more.
profit-moved = { $pair }: { MONEY($amount) } { $currency } of profit was moved to your funding wallet at { $venue } and is not traded any more.
profit-refused = { $pair }: { MONEY($amount) } { $currency } of profit was not moved: { $why }
profit-absent = { $pair }: { MONEY($amount) } { $currency } of profit never showed up among the transfers at { $venue }. It counts as not moved: look at your wallets there.
profit-in-doubt = { $pair }: { $venue } did not say whether it moved { MONEY($amount) } { $currency } of profit. We don't ask it again; we look the transfer up and count it as moved until then.
switch-everybody = everybody
switch-venue = { $venue }
switch-user = user { $user }
switch-released = Entries are allowed again for { $whom }. Reason: { $reason }.
switch-halted = Trading is HALTED for { $whom }: nothing new is opened; exits, stops and cancels go on. Reason: { $reason }.
switch-reducing = Trading is REDUCING for { $whom }: nothing new is opened; exits, stops and cancels go on. Reason: { $reason }.
switch-operator = { $told } `quorum unhalt` allows entries again.
answer-rejected = { $venue } refused it ({ $why }).
answer-duplicate = { $venue } has an order of that name already ({ $why }).
answer-back_off = { $venue } asks us to wait ({ $why }).
answer-unknown = { $venue } did not say what became of it ({ $why }).
about-answer = answer
about-balance = balance
about-contracts = list of contracts
about-rights = key's rights
about-positions = positions
about-time = time
about-transfers = transfers
about-order = order of { $of }
about-candles = candles of { $of }
about-fee-rates = fee rates of { $of }
about-fills = fills of { $of }
about-funding = funding of { $of }
about-funding-history = funding history of { $of }
about-funding-interval = funding interval of { $of }
about-funding-rate = funding rate of { $of }
about-history = history of { $of }
about-leverage = leverage of { $of }
about-tiers = leverage tiers of { $of }
about-margin-mode = margin mode of { $of }
about-open-interest = open interest of { $of }
about-open-orders = open orders of { $of }
about-book = order book of { $of }
about-orders = orders of { $of }
about-price = price of { $of }
about-prices = prices of { $of }
about-rules = rules of { $of }
about-settings = settings of { $of }
about-stops = stops of { $of }
venue-too-slow = { $venue } gave no { $about } within { $seconds } s.
venue-gave-nothing = { $venue } gave no { $about }.
venue-refuses = { $venue } refuses to give { $about }: { $why }.
venue-answer-unknown = { $venue } answered in an unknown form: { $about }.
venue-answer-foreign = { $venue } answered, but not about our order.
venue-lacks-pair = { $venue } does not trade a perpetual of { $pair }.{ $hint }
pair-multiple = {" "}{ $pair } is its contract of { $factor } { $base }.
venue-blocks = { $venue } gave no { $about }: { $why }.
venue-limits-account = { $venue } limits the requests of this account for the moment.
pair-not-in-market = { $pair } is not traded in this market.
venue-order-unknown = { $venue } knows no open order of that name.
venue-still-shows-order = { $venue } still shows the order, or does not say.
venue-without-data = There is no market data for { $venue } in this installation.
venue-without-keys = { $venue } has no accounts that a key opens.
weight-locked = Another process holds the count of { $allowance }.
weight-used-up = { $allowance } is used up for the moment.
transfer-not-moved = { $venue } did not move it.
transfer-unknown = { $venue } did not say what became of the transfer.
leverage-not-whole = Leverage { $leverage } is not a whole number from 1 up.
leverage-refused = { $venue } does not allow leverage { $leverage } for { $pair }.
leverage-not-possible = Leverage { $leverage } is not possible for { $pair }: the venue allows 1 to { $most }.
leverage-locked = The leverage of { $pair } can't change while a position is open.
binance-not-isolated = { $pair } uses cross margin at Binance and has a position or orders there. Close them, then Quorum switches the pair to isolated margin.
binance-multi-assets = The Binance account is in multi-assets mode, which has no isolated margin. Switch it to single-asset mode (Futures, Preferences, Asset Mode) and try again.
binance-hedge-mode = The Binance account is in hedge mode. Switch it to one-way mode (Preferences, Position Mode) and try again.
bybit-hedge-mode = { $pair } is in hedge mode at Bybit. Switch it to one-way mode and try again.
bybit-not-isolated = The Bybit account does not use isolated margin. The margin mode belongs to the whole account, so Quorum does not change it. In Bybit, Assets, Unified Trading, Margin Mode choose Isolated Margin, then try again.
key-missing = No key for { $venue } is connected.
key-damaged = The stored { $venue } key was changed or put back from an earlier time, so it is not used. Connect { $venue } again.
key-paper = The paper account can be traded on.
key-fine = The { $venue } key may trade, and neither withdraw nor transfer.
key-moves-profit = The { $venue } key may trade and move profit to your funding wallet there, and not withdraw.
key-fine-locked = { $told } Live trading is locked in this installation: nothing new is opened.
live-locked = Live trading is locked in this installation: nothing new is opened.
key-unusable = The { $venue } key can't be used as it is. What to change: { $steps }.
key-tick = tick “{ $right }”
key-untick = untick “{ $right }”
key-untick-under = untick “{ $right }” under { $group }
key-tick-contract = tick “Orders” and “Positions” under Contract
key-read-write = make the key “Read-Write”
key-unreadable = make a new key, because the venue does not say what this one may do
key-restrict = restrict the key to trusted IP addresses
prices-not-live = The prices are not the venue's own, so nothing is opened with real money.
paper-accounts-only = There are paper accounts only here: { $pair } trades live at { $venue }.
paper-busy = The paper account is busy: try again in a moment.
position-still-open = Another position in { $pair } is still open.
database-no-connection = The database has no free connection.
database-silent = The database does not answer.
database-lost-in-commit = The connection to the database was lost during a commit.
database-refused = The database refused: { $why }

## Capital of a pair

capital-same = { $pair } has a capital of { $amount } { $quote } already.
capital-only-raised = { $pair } has an open position or an unsettled order: its capital can only be raised now.
capital-below = { $amount } { $quote } is too little for { $pair }: give it at least { $least } { $quote }.

## Settings of accounts at venues

bybit-portfolio-margin = the account uses portfolio margin, which Quorum can't trade; Bybit, Assets, Unified Trading, Margin Mode: choose Isolated Margin
bybit-cross-margin = the account uses cross margin for all its contracts; Bybit, Assets, Unified Trading, Margin Mode: choose Isolated Margin
binance-one-way = switch the account to one-way mode (Futures, Preferences, Position Mode)
binance-single-asset = switch the account to single-asset mode (Futures, Preferences, Asset Mode)
mode-phrase-wrong = Those were not the words, so nothing was changed: the pair stays on PAPER.

## Alerts about closing, councils, exits and the bot

alert-close-overdue = { $pair }: closing has not finished after { $seconds } s. { $tried } Workers try again every 10 s. You can close the position at the exchange.
alert-close-overdue-operator = User { $user }, { $pair }: closing has not finished after { $seconds } s. { $tried } Run `quorum doctor` and look at the workers.
close-not-begun = No worker has begun to close it.
close-in-work = A worker is closing it.
close-failed = { $attempts ->
    [one] { $attempts } attempt
   *[other] { $attempts } attempts
 } failed. The last reason: { $why }
alert-exit-stuck = { $pairs }: the stop or the close could not be done ({ $why }) By our books the position may stand at the venue without a stop. Quorum tries again every few seconds. To close by hand: open the venue's app, Futures, Positions, and close the position at the market; Quorum books the trade.
alert-exit-stuck-operator = { $pairs } of user { $user }: the stop or the close could not be done ({ $why }) By our books the position may stand at the venue without a stop. Quorum tries again every few seconds. To close by hand: open the venue's app, Futures, Positions, and close the position at the market; Quorum books the trade.
stop-not-resting = No stop rests at the venue.
venue-row-unreadable = { $venue } shows a row of the { $about } ({ $row }) that can't be read.
alert-council-short = { $pair }: fewer models than the quorum of { $quorum } voted in { $cycles } cycles in a row. Nothing is opened until a quorum votes again; stops and targets stay at the venue.
alert-council-line =
    { $told }
    { $seat }
seat-silent = { $model }: { $why }. { $step }
seat-fault-REQUEST = the vendor refused the request
seat-fault-KEY = the key was refused
seat-fault-FUNDS = the account at the vendor has no funds
seat-fault-QUOTA = the quota at the vendor is used up
seat-fault-RIGHTS = the key may not do this
seat-fault-REGION = the vendor does not serve this region
seat-fault-GONE = the vendor knows no such model
seat-fault-RATE = over the vendor's rate limit
seat-fault-LOAD = the vendor is overloaded
seat-fault-LINE = the connection failed
seat-step-REQUEST = Update Quorum: the vendor has changed what it accepts.
seat-step-KEY = Set a valid key in .env and restart.
seat-step-FUNDS = Add credit at the vendor.
seat-step-QUOTA = Add credit at the vendor, or raise the spending limit there.
seat-step-RIGHTS = Give the key the right to use this model.
seat-step-REGION = Give the seat to another vendor, or set its base URL to a served region.
seat-step-GONE = Name a current model in QUORUM_COUNCIL: `quorum seats` shows them.
seat-step-OTHER = Look at the vendor's status page and at this machine's network.
bot-webhook = Another program had set a webhook for the bot's token, so the bot received no messages. The webhook is deleted and the bot reads messages again. If this comes again, revoke the token with @BotFather: somebody else has it.
bot-second-poller = Another program reads the messages of the bot's token, so commands such as /panic may be lost. Stop the other program, or revoke the token with @BotFather.
prefect-pool-gone = The work pool of Prefect is gone, so no cycle starts. Stops stay at the venues, and /panic still closes by the guard of a worker that runs. A running worker makes the pool again within a minute, and the next sync restores queues and deployments; runs that waited are lost. Without a worker, start `quorum up` or `quorum prepare` again.
prefect-paused = Paused in Prefect: { $names }. Nothing behind a pause starts: no cycle, no reconciliation. /panic still closes by the guard of a worker. Resume in the Prefect UI.
alert-paused-in-prefect = The operator paused { $pair } in the Prefect UI: no new entries. Stops and targets stay. The pause ends when the operator resumes the pair there, or with /resume { $pair }.
alert-resumed-in-prefect = The operator resumed { $pair } in the Prefect UI: its cycles start again.

## The council for people

seat-twice = QUORUM_COUNCIL names a voter twice: { $seats }.
seat-block-missing = There is no model block “{ $name }” in Prefect. Save the block there, or take the seat out of QUORUM_COUNCIL.
seat-provider-unknown = There is no model provider “{ $provider }”; there are { $known }.
seat-without-key = The model provider “{ $provider }” needs a key and a model. Set the key in .env, or take the seat out of QUORUM_COUNCIL.
seat-without-address = The seat { $seat } needs an address: set { $setting }.
seat-price-unknown = The price of { $seat } is unknown, so no budget could hold it. Name it in dollars per million tokens: QUORUM_PRICES={ $seat }=input/cached/write/output
council-one-voice = All seats together have one voice ({ $maker }), and an entry needs { $quorum }: nothing is ever opened. Set the key of a model of another maker.
council-one-model = One language model ({ $model }) sits beside { $rules } rules. A rule computes its vote from indicators: an entry needs the model and a rule, or two rules without the model. Set a key of a second vendor for a council of models.
council-one-maker = All language models are made by { $maker }: together they have one voice. Set a key of another vendor for a council of models.
council-needs-prefect = The bot asks the council through a worker, and Prefect is not running: start `quorum up`.
council-flow-failed = The worker did not finish the question. See logs/worker.log.
council-well = reaches its quorum
council-unasked = no question in the last 6 hours
council-below = below its quorum in the last { $cycles } cycles; pairs: { $pairs }. Nothing is opened there
council-lost = seats that can't vote until you act: { $seats }
alert-seats-lost = A seat of the council has given no vote in { $cycles } cycles in a row and won't until you act. The other seats decide meanwhile.
alert-model-closing = { $model } is shut down by its vendor on { $day }. From that day the seat has no vote. Name a current model in QUORUM_COUNCIL before that day: `quorum seats` shows what the vendors serve.
seats-title = Seats of the council
seats-exists = served by the vendor
seats-gone = ⚠️ the vendor knows no such model
seats-unread = ⚠️ the vendor's list of models can't be read: { $note }
seats-rule = a fixed rule
seats-closing = ⚠️ shut down on { $day }
seats-shutdown = shut down on { $day }
seats-price = $ per million tokens, input/output: { $price }
seats-share = votes in 7 days: { $share }
seats-no-share = no question in 7 days
seats-last = last vote: { $at }
seats-spent = today: { $spent }
ask-title = The council about { $pair }
ask-cost = Cost: { $cost }. Question { $version }. Nothing is traded.
ask-answer-cost = { $cost }, { $latency } ms

## Refusals of the venues

refusal-parameter = a parameter does not fit the rules of the contract
refusal-not-filled = it could not be filled at once
refusal-not-resting = it could not rest
refusal-notional = it is below the smallest notional
refusal-liquidation = it would cause a liquidation
refusal-trigger = it would trigger at once
refusal-decimals = more decimals than the pair allows
refusal-reduce-only = only orders that reduce are allowed at the moment
refusal-clock = our clock differs from the venue's
refusal-algo = stops belong to the algo-order service
refusal-terms = the account has to accept terms at the venue first
refusal-open-orders = the account has too many open orders
refusal-orders = the account has too many orders
refusal-stop-orders = the account has too many stop orders
refusal-account-banned = the account is banned or in another mode
refusal-account-liquidated = the account is being liquidated
refusal-hedge-mode = the account is in hedge mode
refusal-account-inactive = the account is inactive; move any amount to its futures wallet
refusal-not-unified = the account is not a unified account
refusal-account-invalid = the account is not valid
refusal-account-no-orders = the account may not place orders at the moment
refusal-cooling-off = the account's own cooling-off period forbids trading
refusal-address-unknown = the address of the request is not known
refusal-balance = the balance is insufficient
refusal-counter-price = the best price of the other side is outside of the allowed range
refusal-book-thin = the book has too few orders for a market order
refusal-category = the category is not known
refusal-contract-stops = the contract has too many stop orders
refusal-settling = the contract is being settled
refusal-contract-closed = the contract is closed
refusal-contract-unknown = the contract is not known
refusal-contract-not-live = the contract is not live
refusal-contract-order = the contract takes no such order at the moment
refusal-region = the country of this account or server is not served
refusal-key-contract = the key does not allow the contract
refusal-key-address = the key does not allow this address
refusal-key-expired = the key has expired
refusal-key-locked = the key is locked
refusal-key-unknown = the key is not known; a key of a regional Bybit site needs QUORUM_BYBIT_REGION
refusal-key-rights = the key's rights do not allow it
refusal-key-scope = the key, its address list or its rights do not allow it
refusal-leverage-low = the leverage is too low for the margin
refusal-margin-short = the margin is insufficient
refusal-margin-mode = the margin mode of the account does not fit
refusal-account-mode = the mode of the account does not fit
refusal-order-invalid = the order is not valid
refusal-book-empty = the other side of the book is empty
refusal-position-small = the position is too small
refusal-position-mode = the position mode of the account does not fit
refusal-leverage = the position would exceed the limit of its leverage
refusal-step = the price or quantity does not fit the steps of the contract
refusal-range = the price or quantity is outside of the range of the contract
refusal-form = the request has a wrong form
refusal-rest-small = the rest of the position is too small
refusal-loan = the rules of the account's loan forbid it
refusal-service = the service was shut down
refusal-signature = the signature is wrong
refusal-position-state = the state of the position does not allow it
refusal-nothing = there is nothing to reduce
refusal-many-orders = too many orders of this account
refusal-many-address = too many requests from this address
refusal-many-account = too many requests of this account
refusal-trading-banned = trading is banned for the account
refusal-trading-paused = trading is not allowed at the moment
answer-none = no answer
answer-coded = { $why }, code { $code }
answer-code = status { $status }, code { $code }
answer-status = status { $status }
answer-country = status { $status }: it does not serve the country of this server
answer-code-only = code { $code }
clock-differs = Our clock differs from { $venue }'s by { $ms } ms; at most 500 are allowed.
misfit-quantity = Quantity { $quantity } is not a multiple of { $step } up to { $most }.
misfit-price = Price { $price } is not a multiple of { $tick }.
misfit-quantity-small = Quantity { $quantity } is below { $least }.
misfit-notional-small = Notional { $notional } is below { $least }.
misfit-leverage = Notional { $notional } allows leverage { $allowed }, not { $leverage }.
