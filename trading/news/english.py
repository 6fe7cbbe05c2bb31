"""English words and phrases of markets with a mood, above VADER's general words.

A `*` ends a stem: `surg*` matches surge, surges, surging. In a phrase, `a/b` are alternatives and
`~` stands for up to three words between. A weight of 0 silences a word: "interest" and "shares"
are kind words in VADER and none in a market.
"""

WORDS = {
    "3": "skyrocket* soar* mooning parabolic moonshot",
    "2.5": "surg* rall* bullish breakout record-breaking all-time-high ath undervalued oversold",
    "2": "jump* spik* boom* outperform* approv* adopt* inflow* rebound* recover* upgrad* "
    "milestone* breakthrough* accumulat* bounce* bounces hodl hodling hodlers game-changer "
    "moon masterpiece",
    "1.5": "gain gains gained gaining rises rising rose climb* advanc* partner* launch* "
    "integrat* support* win wins won legaliz* optimis* upside bull bulls easing double* "
    "doubling thriv* unlocked-potential praise* cheaper dca stack stacking",
    "1": "grow* grew growth expand* expansion rais* profit* strong* stronger boost* progress* "
    "secure secured secures backs backed embrace* stable institutional tops topped beats beat "
    "reclaim* confiden* adds added best buy buys buying bought popular useful long-term hold "
    "holding holds future decentralized potential invests early add",
    "0.5": "record staking stake",
    "-1": "warn* delay* concern* uncertain* doubt* volatil* lower weak* slow* halt* pressure* "
    "risks risky cautious caution* sells selling sold downside scrutin* stall* postpon* "
    "struggl* troubled speculative speculation gamble gambling overvalued overbought expensive "
    "hype shill* fud deleverag* inefficient",
    "-1.5": "fall falls falling fell drop drops dropped dropping declin* losses lose loses "
    "lost slid slide slides slip* dips sink sinks sank fine fined penalt* investigat* "
    "probe* outflow* restrict* suspend* bear bears correction layoff* dump dumps dumping dumped "
    "outage* delist* reject* downgrad* unlock* freez* froze flee* fled worst down tank tanks "
    "tanking tanked selloff useless pointless mess issues overrun bagholder* unregistered",
    "-2": "plung* tumbl* slump* bearish lawsuit* sue sues sued suing charges sentenced ban bans "
    "banned crackdown* sell-off liquidat* collaps* default* insolven* phish* theft* heist* "
    "stolen steal* stole drain* breach* recession garbage worthless dead implod* sideways "
    "debunk* criminal* nonsensical disaster* jail* prison bleed* bleeding hammer*",
    "-2.5": "crash* hack hacks hacked hacker* hacking exploit exploits exploited scam* fraud* "
    "rug-pull rugpull rugged bankrupt* ponzi* panic* capitulat* launder* arrest* indict* "
    "manipulat* meltdown bloodbath attack* shitcoin* swindl* con pyramid pathetic free-fall",
    "0": "stablecoin* interest share shares security securities united credit credits treasury "
    "block blocks blockchain demand supreme party ripple gas trust asset assets value "
    "like hackathon* fellow* securit* record-keeping exploiter pay free energy ether "
    "opportunity-cost yes novel play lol lmao well hard short",
}

PHRASES = {
    "3": "record/new/fresh/yearly/all-time high*|all time high*|new ath|short squeeze|"
    "to the moon|*-month/*-year high",
    "2.5": "buy* the ~ dip*|buy the fear|bottom is in|here to stay|bullish on|"
    "under/deeply valued|cheaper than it looks",
    "2": "rate cut*|cut*/lower*/slash* ~ rates/rate|spot etf approval|golden cross|"
    "drop*/dismiss*/withdr*/toss*/throws ~ charges/case/lawsuit/suit/appeal/investigation/probe|"
    "case/lawsuit/charges/suit/appeal ~ dismissed/dropped/tossed|reject*/den* ~ appeal|"
    "lift*/repeal*/end* ~ ban/restrictions/sanctions|strategic ~ reserve|"
    "break*/broke ~ out|buying opportunity|shorts/sellers ~ liquidated|open* ~ door*|"
    "inflation cool*/slow*/fall*/fell/eas*/drop*/lower|inflation ~ lower than expected|"
    "recover* stolen|recovers ~ funds|outflow* ~ dry/dries/dried/slow*/eas*/stop*/end*/ends|"
    "fear* ~ eas*/fade*/subside*|sell-off/selloff/crash/deleveraging/bear ~ end*/over/eas*|"
    "wins/won ~ case/approval/battle/appeal|no/not ~ danger/threat|never sell*/selling|"
    "liquidation* ~ slow*/eas*/drop*/fall*|supply ~ low|going up|"
    "goes up|keep* going up|get* approval|urg* ~ to stop delaying|stop delaying ~ approval|"
    "launch* ~ staking|good/best/great time to|trust the process|first mover advantage|"
    "end* ~ losing streak|best ~ since|beat* ~ expectations",
    "1.5": "den*/refut*/dismiss* ~ rumor*/rumour*/insolvency/allegations/claims|"
    "bounce* back|back/breaks/break/moves/above ~ above|risk on|support holds|"
    "defend* ~ support|hold* above|hold* ~ support|holds firm|buy* more|buy* now|buying more|"
    "strong* than ever|store of value|real deal|good/great investment|new features|"
    "long term hold|fees ~ record low*|fees ~ drop*/fall*|"
    "going long|load up|should recover|withdraw* ~ from exchanges|not too late|"
    "jobs data|financial freedom|digital gold|zero fees|low fees|cheap ~ transfers",
    "-1": "sideways ~ price|profit taking|takes profit|as bad as|no intrinsic value|"
    "greater fool|use case that|not ~ buying|don't buy",
    "-1.5": "back/fall*/break*/slip*/drop*/dip*/declin* ~ below|risk off|death cross|"
    "risk aversion|under/below/lose*/key support|rules out ~ cuts|erase* ~ gains|"
    "gains ~ erased|drag* on|dry up|dries up|going/goes/went down|go down|go to zero|"
    "going to 0/zero|goes to 0/zero|will/could/may crash|waste of|wast* ~ electricity|"
    "cash*/cashing out|get out|stay away|takes/take/taking ~ control|more time than expected|"
    "continue* ~ fall|fall ~ continue|days are numbered|stop* ~ withdrawals|"
    "*-year low|*-month low|lowest level|record low|new low|all-time low",
    "-2": "rate hike*|rais*/hik* ~ rates/rate|long squeeze|trade war|shut* down|rug pull*|"
    "sell off|fail* ~ hold/recover/break/reclaim/deliver|will/may/might/would fail|"
    "inflation ris*/climb*/jump*/surg*/accelerat*/hot*|hot inflation|call*/called off|"
    "pull* ~ billion/million/funds|crack*/cracking down|los* ~ peg|longs liquidated|"
    "liquidation* ~ surg*/pass/past/hit/spike*|inflow* ~ dry/dries/dried/slow*/stop*|"
    "restor* ~ withdrawals|halt* ~ withdrawals|liquidity issues/crisis/problems|"
    "rall* ~ fade*/fizzle*/stall*/over|gain* ~ fade*|approval ~ delayed/denied|"
    "den*/reject* ~ approval/etf/bill/application|files for bankruptcy|not recovering|"
    "red flag*|bag holder*|pump and dump|no real purpose|no value|no underlying|"
    "serves no|not/isn't safe|nail in the coffin|sell the news|"
    "dump*/unload* ~ bitcoin/btc/eth/ether/million|longs ~ liquidated|free fall|"
    "loses/lost ~ peg|losing ~ peg|in decline|token unlock*|tokens unlock*",
    "0": "no change|hold* ~ talks/hearing/meeting/roundtable/conference|fund/funds manager|"
    "interest rate*|open interest|proof of reserves|proof of work|proof of stake|"
    "no one/no doubt|market cap|profit and loss|bull run/market|bear market|gold standard|"
    "long run|wins/lost election|short term|ahead of",
}
