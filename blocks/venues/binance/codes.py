"""Binance USD-M: the outcome proven by each code of an answer to a write.

Source: developers.binance.com/docs/derivatives/usds-margined-futures/error-code, read 2026-11-30.
The refusals below are checks before an order exists, according to the document.
"""

from blocks.venues.base.response_classifier import TruthTable
from trading.domain.messages import message
from trading.domain.orders import Outcome

_MARGIN = message("refusal-margin-short")
_KEY = message("refusal-key-scope")
_FORM = message("refusal-form")
_STEP = message("refusal-step")
_RANGE = message("refusal-range")
_TRIGGER = message("refusal-trigger")
_REGION = message("refusal-region")
_CLOSED = message("refusal-contract-order")
_REDUCE = message("refusal-reduce-only")
_LEVERAGE = message("refusal-leverage")
_MODE = message("refusal-position-mode")

CLOCK = frozenset({"-1021", "-5028"})
FILTERS = frozenset({"-1111", "-4003", "-4004", "-4005", "-4014", "-4023"})
REGIONS = frozenset({"-4402", "-4403"})

REFUSALS = {
    "-1002": _KEY,
    "-1014": _FORM,
    "-1016": message("refusal-service"),
    "-1020": _FORM,
    "-1021": message("refusal-clock"),
    "-1022": message("refusal-signature"),
    **dict.fromkeys(
        ("-1100", "-1101", "-1102", "-1103", "-1104", "-1105", "-1106", "-1108", "-1110", "-1114",
         "-1115", "-1116", "-1117", "-1118", "-1128", "-1130", "-1136"),
        _FORM,
    ),
    "-1109": message("refusal-account-invalid"),
    "-1111": message("refusal-decimals"),
    "-1121": message("refusal-contract-unknown"),
    "-2014": _KEY,
    "-2015": _KEY,
    "-2016": _CLOSED,
    "-2017": message("refusal-key-locked"),
    "-2018": message("refusal-balance"),
    "-2019": _MARGIN,
    "-2021": _TRIGGER,
    "-2022": message("refusal-nothing"),
    "-2023": message("refusal-account-liquidated"),
    "-2024": message("refusal-position-small"),
    "-2025": message("refusal-open-orders"),
    "-2026": _FORM,
    "-2027": _LEVERAGE,
    "-2028": message("refusal-leverage-low"),
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
    "-4045": message("refusal-stop-orders"),
    "-4050": _MARGIN,
    "-4051": _MARGIN,
    "-4060": _MODE,
    "-4061": message("refusal-hedge-mode"),
    "-4062": _FORM,
    "-4087": _REDUCE,
    "-4088": message("refusal-account-no-orders"),
    "-4104": message("refusal-contract-unknown"),
    "-4109": message("refusal-account-inactive"),
    "-4118": _MARGIN,
    "-4120": message("refusal-algo"),
    "-4131": message("refusal-counter-price"),
    "-4137": _FORM,
    "-4138": _FORM,
    "-4140": _CLOSED,
    "-4141": message("refusal-contract-closed"),
    "-4142": _TRIGGER,
    "-4144": message("refusal-contract-unknown"),
    "-4164": message("refusal-notional"),
    "-4183": _RANGE,
    "-4184": _RANGE,
    "-4192": message("refusal-cooling-off"),
    "-4210": _RANGE,
    "-4211": _RANGE,
    "-4400": _REDUCE,
    "-4401": _REDUCE,
    "-4402": _REGION,
    "-4403": _REGION,
    "-5021": message("refusal-not-filled"),
    "-5022": message("refusal-not-resting"),
    "-5025": _CLOSED,
    "-5028": message("refusal-clock"),
    "-5041": message("refusal-book-empty"),
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
        "-1003": message("refusal-many-address"),
        "-1015": message("refusal-many-orders"),
    },
    account_limits=frozenset({"-1015"}),
    clock=CLOCK,
    filters=FILTERS,
    regions=REGIONS,
)
