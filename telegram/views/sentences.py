"""The domain's sentences in Russian: idiomatic translations of texts from `trading` and the tasks.

    English sentence -> the first pattern that fits all of it -> Russian sentence
                     -> none fits -> the English one

The domain speaks only English and stays free of translation; each sentence is recognized by a
form, and the sentence's figures and names are carried over. A test keeps the list complete.
"""

from telegram.views.sentence_list import PATTERNS
from trading.domain.accounts import Language

RUSSIAN = Language("ru")


def translate(sentence: str, *, language: Language) -> str:
    """Translate the sentence into the user's language; an unknown sentence stays unchanged."""
    if language != RUSSIAN:
        return sentence
    for pattern, template in PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return template.format(**{k: _fill(k, part) for k, part in found.groupdict().items()})
    return sentence


def _fill(name: str, part: str) -> str:
    """Translate a nested sentence or a list of sentences; a figure is returned unchanged."""
    if name.startswith("rest"):
        return translate(part, language=RUSSIAN)
    if name.startswith("list"):
        parts = (translate(one, language=RUSSIAN) for one in part.split(", "))
        return ", ".join(parts)
    if name == "steps":
        return "; ".join(translate(one, language=RUSSIAN) for one in part.split("; "))
    return part
