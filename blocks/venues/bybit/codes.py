"""Bybit v5: the outcome proven by each code of an answer to a write.

Source: bybit-exchange/docs docs/v5/error.mdx and docs/v5/rate-limit, edition of 2026-07-24, read
2026-11-30. The refusals below are checks of a request, a key, an account or a contract, made
before an order exists.
"""

from blocks.venues.base.response_classifier import TruthTable
from trading.domain.orders import Outcome

_BALANCE = "the balance is insufficient"
_KEY = "the key's rights do not allow it"
_RANGE = "the price or quantity is outside of the range of the contract"
_TRIGGER = "it would trigger at once"
_REGION = "the country of this account or server is not served"
_CLOSED = "the contract takes no such order at the moment"
_REDUCE = "only orders that reduce are allowed at the moment"
_LEVERAGE = "the position would exceed the limit of its leverage"
_MODE = "the mode of the account does not fit"
_LOAN = "the rules of the account's loan forbid it"
_TERMS = "the account has to accept terms at the venue first"
_LIQUIDATION = "it would cause a liquidation"

CLOCK = frozenset({"10002"})
FILTERS = frozenset({"10001", "110017"})
REGIONS = frozenset({"10009", "10024", "110132"})

REFUSALS = {
    "10001": "a parameter does not fit the rules of the contract",
    "10002": "our clock differs from the venue's",
    "10003": "the key is not known",
    "10004": "the signature is wrong",
    "10005": _KEY,
    "10007": "the key is not known",
    "10008": "the account is banned or in another mode",
    "10009": _REGION,
    "10010": "the key does not allow this address",
    "10017": "the address of the request is not known",
    "10024": _REGION,
    "10027": "trading is banned for the account",
    "10028": "the account is not a unified account",
    "10029": "the key does not allow the contract",
    "10404": "the category is not known",
    "33004": "the key has expired",
    "30133": _LOAN,
    "30208": _RANGE,
    "30209": _RANGE,
    "30228": _REDUCE,
    "110003": _RANGE,
    "110004": _BALANCE,
    "110005": "the state of the position does not allow it",
    "110006": _BALANCE,
    "110007": _BALANCE,
    "110009": "the contract has too many stop orders",
    "110011": _LIQUIDATION,
    "110012": _BALANCE,
    "110013": _LEVERAGE,
    "110017": "there is nothing to reduce",
    "110020": "the account has too many orders",
    "110021": _LEVERAGE,
    "110023": _REDUCE,
    "110031": _LEVERAGE,
    "110032": "the order is not valid",
    "110040": _LIQUIDATION,
    "110042": _REDUCE,
    "110044": _BALANCE,
    "110045": _BALANCE,
    "110051": _BALANCE,
    "110052": _BALANCE,
    "110053": _BALANCE,
    "110057": "a parameter does not fit the rules of the contract",
    "110058": "the rest of the position is too small",
    "110063": "the contract is being settled",
    "110066": "trading is not allowed at the moment",
    "110067": _MODE,
    "110068": _MODE,
    "110069": _LOAN,
    "110070": _CLOSED,
    "110074": "the contract is not live",
    "110080": _LOAN,
    "110085": _LEVERAGE,
    "110086": _LEVERAGE,
    "110087": _LOAN,
    "110088": "the account is not a unified account",
    "110089": _LEVERAGE,
    "110090": _LEVERAGE,
    "110092": _TRIGGER,
    "110093": _TRIGGER,
    "110094": "it is below the smallest notional",
    "110095": _CLOSED,
    "110096": _MODE,
    "110097": "the account is not a unified account",
    "110099": _CLOSED,
    "110100": _CLOSED,
    "110103": _CLOSED,
    "110118": "the book has too few orders for a market order",
    "110120": _RANGE,
    "110121": _RANGE,
    "110123": _TERMS,
    "110124": "the account's own cooling-off period forbids trading",
    "110125": _TERMS,
    "110131": _LOAN,
    "110132": _REGION,
    "3200403": "the margin mode of the account does not fit",
    "3400139": _LEVERAGE,
}

_UNSURE = (
    "10000", "10014", "10016", "10019", "10403", "10429", "429", "5004", "170001", "170007",
    "170032", "170146", "20003", "20006", "500000", "3400214", "110079",
)  # fmt: skip
"""10014 says "duplicate request" without saying of what; the others are server errors."""

BYBIT_TABLE = TruthTable(
    code_field="retCode",
    success=frozenset({"0"}),
    statuses={403: Outcome.BACK_OFF},
    codes={
        **dict.fromkeys(REFUSALS, Outcome.REJECTED),
        **dict.fromkeys(_UNSURE, Outcome.UNKNOWN),
        "10006": Outcome.BACK_OFF,
        "10018": Outcome.BACK_OFF,
        "170005": Outcome.BACK_OFF,
        "110072": Outcome.DUPLICATE,
        "170141": Outcome.DUPLICATE,
    },
    words={
        **REFUSALS,
        "10006": "too many requests of this account",
        "10018": "too many requests from this address",
        "170005": "too many orders of this account",
    },
    # "The API rate limit is based on the rolling time window per second and UID."
    account_limits=frozenset({"10006", "170005"}),
    clock=CLOCK,
    filters=FILTERS,
    regions=REGIONS,
    clean_statuses=(200, 499),
)
