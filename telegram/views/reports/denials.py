"""Reasons of a risk denial in words: each code of `DenialReason` with figures.

RuleResult -> "the spread is too wide (spread ratio 0.006, limit 0.005)"
"""

from reports.texts.catalog import has_text, say
from trading.domain.accounts import Language
from trading.risk.results import DenialReason, RuleResult


def tell_rule(result: RuleResult, *, language: Language) -> str:
    """Plain text: the reason and the figures; a code without a translation stays unchanged."""
    is_known = result.code in set(DenialReason)
    reason = say(language, f"denial-{result.code}") if is_known else result.code
    figures = ", ".join(f"{_name(name, language)} {it}" for name, it in result.figures.items())
    return f"{reason} ({figures})" if figures else reason


def _name(name: str, language: Language) -> str:
    return (
        say(language, f"figure-{name}") if has_text(f"figure-{name}") else name.replace("_", " ")
    )
