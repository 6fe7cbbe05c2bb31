"""Names of coins: which words of a text mean which base.

`NAMES` are names that mean the coin wherever they stand; `NAMES_THAT_ARE_WORDS` and
`TICKERS_THAT_ARE_WORDS` are words of a language too and need a market word beside them. A `*` ends
a stem, because of Russian endings; a `-` joins the words of one name. Derivatives of a coin
(stETH, WBTC) are news about the coin.
"""

NAMES = {
    "1INCH": "1inch",
    "AAVE": "aave",
    "ADA": "cardano* кардано",
    "ALGO": "algorand алгоранд",
    "APE": "apecoin",
    "APT": "aptos аптос",
    "ARB": "arbitrum* арбитрум",
    "ATOM": "cosmos-hub cosmos-network",
    "AVAX": "avax аваланч* авалокс",
    "AXS": "axie-infinity",
    "BCH": "bitcoin-cash биткоин-кэш биткоин-кеш bcash",
    "BNB": "binance-coin bnb-chain",
    "BONK": "bonk",
    "BTC": "bitcoin* биткоин* биткойн* wbtc cbbtc tbtc",
    "CAKE": "pancakeswap",
    "CHZ": "chiliz",
    "COMP": "compound-finance",
    "CRV": "curve-finance curve-dao",
    "DOGE": "dogecoin* догикоин* доджкоин*",
    "DOT": "polkadot* полкадот*",
    "DYDX": "dydx",
    "EGLD": "multiversx",
    "ENA": "ethena",
    "ENS": "ethereum-name-service",
    "ETC": "ethereum-classic эфириум-классик эфириум-классика",
    "ETH": "ethereum* эфириум* этериум* ethereum-etf steth weth reth cbeth wsteth",
    "FET": "fetch-ai artificial-superintelligence-alliance",
    "FIL": "filecoin* файлкоин*",
    "FLOKI": "floki",
    "GAS": "neo-gas",
    "GRT": "the-graph-protocol",
    "HBAR": "hedera хедера",
    "HYPE": "hyperliquid",
    "ICP": "internet-computer dfinity",
    "IMX": "immutable-x immutablex",
    "INJ": "injective-protocol",
    "JUP": "jupiter-exchange",
    "KAS": "kaspa",
    "LDO": "lido-dao lido-finance",
    "LINK": "chainlink* чейнлинк*",
    "LTC": "litecoin* лайткоин*",
    "LUNA": "terra-2.0",
    "LUNC": "terra-classic luna-classic",
    "MANA": "decentraland",
    "MKR": "makerdao",
    "NEAR": "near-protocol near-foundation",
    "NEO": "neo-blockchain",
    "ONDO": "ondo-finance",
    "ONE": "harmony-one harmony-protocol",
    "OP": "op-mainnet optimism-foundation",
    "PEPE": "pepe-coin pepecoin",
    "POL": "polygon-labs polygon-pos matic",
    "RENDER": "render-network",
    "RUNE": "thorchain",
    "S": "sonic-labs fantom",
    "SAND": "the-sandbox",
    "SATS": "sats-ordinals",
    "SEI": "sei-network sei-labs",
    "SHIB": "shiba-inu shiba сиба-ину шиба-ину",
    "SOL": "solana* солана* солану солане jitosol msol stsol",
    "STX": "stacks-network",
    "SUI": "sui-network sui-foundation mysten-labs",
    "SUSHI": "sushiswap",
    "TAO": "bittensor",
    "TIA": "celestia",
    "TON": "toncoin* тонкоин* the-open-network",
    "TRUMP": "trump-coin trump-memecoin official-trump",
    "TRX": "tron-network justin-sun's-tron trx",
    "UNI": "uniswap*",
    "USDC": "usdc",
    "VET": "vechain",
    "WIF": "dogwifhat",
    "WLD": "worldcoin",
    "XLM": "stellar-lumens stellar-development stellar-network",
    "XMR": "monero* монеро",
    "XRP": "ripple* рипл* xrp-ledger xrpl",
    "XTZ": "tezos",
    "ZEC": "zcash*",
}

NAMES_THAT_ARE_WORDS = {
    "ATOM": "cosmos космос",
    "AVAX": "avalanche",
    "COMP": "compound",
    "DASH": "dash",
    "DOGE": "додж",
    "ETH": "ether эфир эфира эфиру эфиром",
    "FLOW": "flow",
    "IMX": "immutable",
    "INJ": "injective",
    "JUP": "jupiter",
    "LDO": "lido",
    "LUNA": "terra",
    "MKR": "maker",
    "NEO": "neo",
    "ONDO": "ondo",
    "ONE": "harmony",
    "OP": "optimism",
    "PEPE": "pepe пепе",
    "POL": "polygon",
    "RENDER": "render",
    "S": "sonic",
    "SEI": "sei",
    "STX": "stacks",
    "SUI": "sui",
    "TRX": "tron трон",
    "XLM": "stellar",
}

_TICKERS = (
    "ACE ADA AGE AI ALICE ALPHA ANY APE API APT AR ARK ART ATOM AUCTION BAND BAT BEAM BLUR "
    "BOME BOND CAKE CAT CHESS CITY COMP COOKIE COW DASH DATA DENT DIA DOG DOGE DOT DUSK EDU "
    "ENJ ETHW FARM FIDA FLOW FLUX FOR FORTH FUN FRONT GAS GALA GLM GMT GO GOLD HARD HIGH "
    "HIVE HOOK HOT HYPE ICE ID IN IO JOE JUP JUST KEY LINA LINK LIT LOKA LUNA MAGIC MANA "
    "MASK MAV ME MEME MINA MOVE NEAR NEO NEXT NIL NOT OM ON ONE ONDO ONT OP ORDER OXT PEOPLE "
    "PERP PIXEL POL PORTAL POWER PROM PUMP PYR QUICK RAD RARE RAY RED RENDER REP REQ RIF "
    "ROSE RUNE S SAGA SAND SATS SEI SHELL SKY SOLV SPELL STEEM STEP STORM SUN SUPER SUSHI "
    "SXP TAO THE TIA TON TRB TREE TRUMP TRUTH TURBO UNI VANRY VET VIA VIC VOXEL WAVES WAX "
    "WIF WIN WOO YGG ZEN ZK ZERO"
)
TICKERS_THAT_ARE_WORDS = frozenset(_TICKERS.split())

OTHER_MEANINGS = (
    "ripple effect|ripple effects|ripple through|прямой эфир|прямого эфира|прямом эфире|"
    "в эфире|в эфир|радио эфир|crypto.com|bitcoin magazine|bitcoin.com|bitcoin gold|"
    "bitcoin sv|биткоин sv|bitcoin pizza|bitcoin pay|shiba inu dog|near term|near miss|"
    "department of government efficiency (doge)"
)
"""Phrases with a coin's name that are not about the coin, separated by `|`."""
