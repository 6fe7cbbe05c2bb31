"""API keys outside the dialog of /connect: recognized by shape, deleted, never echoed.

message, caption or edit -> has_key_shape -> deleted -> one warning to the sender

A key may be pasted after the end of the dialog, into a mistyped command or into an edited message.
Binance's keys and secrets have 64 letters and digits, Bybit's keys 18 and secrets 36, the models'
keys 20 and more (read from the vendors' examples, 2026-11-30). A text with a key is not executed.
"""

import re
from itertools import pairwise

LONG_WORD = re.compile(r"(?<![\w./:-])[A-Za-z0-9_-]{18,}(?![\w./:-])")
PEM = "-----BEGIN"
LEAST_DIGITS = 2
LEAST_CASE_CHANGES = 4


def has_key_shape(text: str) -> bool:
    """Whether a word of the text looks like an API key or a secret, or a PEM key begins."""
    return PEM in text or any(_looks_random(word) for word in LONG_WORD.findall(text))


def _looks_random(word: str) -> bool:
    """Letters mixed with digits, or with capitals inside, as no word of a language has."""
    digits = sum(c.isdigit() for c in word)
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(word))
    has_letters = any(c.isalpha() for c in word)
    return has_letters and (digits >= LEAST_DIGITS or changes >= LEAST_CASE_CHANGES)
