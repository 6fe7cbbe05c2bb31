"""Binance USD-M: the outcome proven by each code of an answer to a write.

Source: developers.binance.com/docs/derivatives/usds-margined-futures/error-code, read 2026-11-30.
The refusals below are checks before an order exists, according to the document.
"""

from blocks.venues.base.response_classifier import TruthTable
from trading.domain.orders import Outcome

_MARGIN = "the margin is insufficient"
_KEY = "the key, its address list or its rights do not allow it"
_FORM = "the request has a wrong form"
_STEP = "the price or quantity does not fit the steps of the contract"
_RANGE = "the price or quantity is outside of the range of the contract"
_TRIGGER = "it would trigger at once"
_REGION = "the country of this account or server is not served"
_CLOSED = "the contract takes no such order at the moment"
_REDUCE = "only orders that reduce are allowed at the moment"
_LEVERAGE = "the position would exceed the limit of its leverage"
_MODE = "the position mode of the account does not fit"

CLOCK = frozenset({"-1021", "-5028"})
FILTERS = frozenset({"-1111", "-4003", "-4004", "-4005", "-4014", "-4023"})
REGIONS = frozenset({"-4402", "-4403"})

REFUSALS = {
    "-1002": _KEY,
    "-1014": _FORM,
    "-1016": "the service was shut down",
    "-1020": _FORM,
    "-1021": "our clock differs from the venue's",
    "-1022": "the signature is wrong",
    **dict.fromkeys(
        ("-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106", "-1108", "-1110", "-1114",
         "-1115", "-1116", "-1117", "-1118", "-1128", "-1130", "-1136"),
        _FORM,
    ),
    "-1109": "the account is not valid",
    "-1111": "more decimals than the pair allows",
    "-1121": "the contract is not known",
    "-2014": _KEY,
    "-2015": _KEY,
    "-2016": _CLOSED,
    "-2017": "the key is locked",
    "-2018": "the balance is insufficient",
    "-2019": _MARGIN,
    "-2021": _TRIGGER,
    "-2022": "there is nothing to reduce",
    "-2023": "the account is being liquidated",
    "-2024": "the position is too small",
    "-2025": "the account has too many open orders",
    "-2026": _FORM,
    "-2027": _LEVERAGE,
    "-2028": "the leverage is too low for the margin",
    "-4001": _RANGE,
    "-4002": _RANGE,
    "-4003": _STEP,
    "-4004": _STEP,
    "-4005": _STEP,
    "-4006": _RANGE,
    "-4007": _RANGE,
    "-4013": _RANGE,
    "-4014": _STEP,
    "-4015": _FORM,
    "-4016": _RANGE,
    "-4023": _STEP,
    "-4024": _RANGE,
    "-4045": "the account has too many stop orders",
    "-4050": _MARGIN,
    "-4051": _MARGIN,
    "-4060": _MODE,
    "-4061": "the account is in hedge mode",
    "-4062": _FORM,
    "-4087": _REDUCE,
    "-4088": "the account may not place orders at the moment",
    "-4104": "the contract is not known",
    "-4109": "the account is inactive; move any amount to its futures wallet",
    "-4118": _MARGIN,
    "-4120": "stops belong to the algo-order service",
    "-4131": "the best price of the other side is outside of the allowed range",
    "-4137": _FORM,
    "-4138": _FORM,
    "-4140": _CLOSED,
    "-4141": "the contract is closed",
    "-4142": _TRIGGER,
    "-4144": "the contract is not known",
    "-4164": "it is below the smallest notional",
    "-4183": _RANGE,
    "-4184": _RANGE,
    "-4192": "the account's own cooling-off period forbids trading",
    "-4210": _RANGE,
    "-4211": _RANGE,
    "-4400": _REDUCE,
    "-4401": _REDUCE,
    "-4402": _REGION,
    "-4403": _REGION,
    "-5021": "it could not be filled at once",
    "-5022": "it could not rest",
    "-5025": _CLOSED,
    "-5028": "our clock differs from the venue's",
    "-5041": "the other side of the book is empty",
}  # fmt: skip

_UNSURE = ("-1000", "-1001", "-1006", "-1007", "-1008", "-1010", "-1099", "-4117")
"""-1008 is documented as a sure failure; such an order is looked up all the same."""

BINANCE_TABLE = TruthTable(
    code_field="code",
    success=frozenset({"", "0", "200"}),
    # 403 (firewall) and pages probably mean no order; such an order is looked up all the same.
    statuses={418: Outcome.BACK_OFF, 429: Outcome.BACK_OFF, 403: Outcome.UNKNOWN},
    codes={
        **dict.fromkeys(REFUSALS, Outcome.REJECTED),
        **dict.fromkeys(_UNSURE, Outcome.UNKNOWN),
        "-1003": Outcome.BACK_OFF,
        "-1015": Outcome.BACK_OFF,
        "-2010": Outcome.DUPLICATE,  # spot: "Duplicate order sent."
        "-4116": Outcome.DUPLICATE,
        "-20132": Outcome.DUPLICATE,
    },
    words={
        **REFUSALS,
        "-1003": "too many requests from this address",
        "-1015": "too many orders of this account",
    },
    account_limits=frozenset({"-1015"}),
    clock=CLOCK,
    filters=FILTERS,
    regions=REGIONS,
)
