"""Bybit v5: the outcome proven by each code of an answer to a write.

Source: bybit-exchange/docs docs/v5/error.mdx and docs/v5/rate-limit, edition of 2026-07-24, read
2026-11-30. The refusals below are checks of a request, a key, an account or a contract, made
before an order exists.
"""

from blocks.venues.base.response_classifier import TruthTable
from trading.domain.messages import message
from trading.domain.orders import Outcome

_BALANCE = message("refusal-balance")
_KEY = message("refusal-key-rights")
_RANGE = message("refusal-range")
_TRIGGER = message("refusal-trigger")
_REGION = message("refusal-region")
_CLOSED = message("refusal-contract-order")
_REDUCE = message("refusal-reduce-only")
_LEVERAGE = message("refusal-leverage")
_MODE = message("refusal-account-mode")
_LOAN = message("refusal-loan")
_TERMS = message("refusal-terms")
_LIQUIDATION = message("refusal-liquidation")

CLOCK = frozenset({"10002"})
FILTERS = frozenset({"10001", "110017"})
REGIONS = frozenset({"10009", "10024", "110132"})

REFUSALS = {
    "10001": message("refusal-parameter"),
    "10002": message("refusal-clock"),
    "10003": message("refusal-key-unknown"),
    "10004": message("refusal-signature"),
    "10005": _KEY,
    "10007": message("refusal-key-unknown"),
    "10008": message("refusal-account-banned"),
    "10009": _REGION,
    "10010": message("refusal-key-address"),
    "10017": message("refusal-address-unknown"),
    "10024": _REGION,
    "10027": message("refusal-trading-banned"),
    "10028": message("refusal-not-unified"),
    "10029": message("refusal-key-contract"),
    "10404": message("refusal-category"),
    "33004": message("refusal-key-expired"),
    "30133": _LOAN,
    "30208": _RANGE,
    "30209": _RANGE,
    "30228": _REDUCE,
    "110003": _RANGE,
    "110004": _BALANCE,
    "110005": message("refusal-position-state"),
    "110006": _BALANCE,
    "110007": _BALANCE,
    "110009": message("refusal-contract-stops"),
    "110011": _LIQUIDATION,
    "110012": _BALANCE,
    "110013": _LEVERAGE,
    "110017": message("refusal-nothing"),
    "110020": message("refusal-orders"),
    "110021": _LEVERAGE,
    "110023": _REDUCE,
    "110031": _LEVERAGE,
    "110032": message("refusal-order-invalid"),
    "110040": _LIQUIDATION,
    "110042": _REDUCE,
    "110044": _BALANCE,
    "110045": _BALANCE,
    "110051": _BALANCE,
    "110052": _BALANCE,
    "110053": _BALANCE,
    "110057": message("refusal-parameter"),
    "110058": message("refusal-rest-small"),
    "110063": message("refusal-settling"),
    "110066": message("refusal-trading-paused"),
    "110067": _MODE,
    "110068": _MODE,
    "110069": _LOAN,
    "110070": _CLOSED,
    "110074": message("refusal-contract-not-live"),
    "110080": _LOAN,
    "110085": _LEVERAGE,
    "110086": _LEVERAGE,
    "110087": _LOAN,
    "110088": message("refusal-not-unified"),
    "110089": _LEVERAGE,
    "110090": _LEVERAGE,
    "110092": _TRIGGER,
    "110093": _TRIGGER,
    "110094": message("refusal-notional"),
    "110095": _CLOSED,
    "110096": _MODE,
    "110097": message("refusal-not-unified"),
    "110099": _CLOSED,
    "110100": _CLOSED,
    "110103": _CLOSED,
    "110118": message("refusal-book-thin"),
    "110120": _RANGE,
    "110121": _RANGE,
    "110123": _TERMS,
    "110124": message("refusal-cooling-off"),
    "110125": _TERMS,
    "110131": _LOAN,
    "110132": _REGION,
    "3200403": message("refusal-margin-mode"),
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
        "10006": message("refusal-many-account"),
        "10018": message("refusal-many-address"),
        "170005": message("refusal-many-orders"),
    },
    # "The API rate limit is based on the rolling time window per second and UID."
    account_limits=frozenset({"10006", "170005"}),
    clock=CLOCK,
    filters=FILTERS,
    regions=REGIONS,
    clean_statuses=(200, 499),
)
