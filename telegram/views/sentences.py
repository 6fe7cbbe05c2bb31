"""The domain's sentences in Russian: what `trading` and the tasks say, as a Russian would say it.

    English sentence -> the first pattern that fits all of it -> Russian sentence
                     -> none fits -> the English one

The domain speaks one language and stays free of translation; here each of its sentences is known
by its form, and the figures and names in it are carried over. A test keeps the list complete.
"""

from telegram.views.sentence_list import PATTERNS
from trading.domain.accounts import Language

RUSSIAN = Language("ru")


def translate(sentence: str, *, language: Language) -> str:
    """The sentence in the person's language; as it is when we don't know it."""
    if language != RUSSIAN:
        return sentence
    for pattern, template in PATTERNS:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return template.format(**{k: _fill(k, part) for k, part in found.groupdict().items()})
    return sentence


def _fill(name: str, part: str) -> str:
    """A sentence within the sentence, a list of them, or a figure as it is."""
    if name.startswith("rest"):
        return translate(part, language=RUSSIAN)
    if name.startswith("list"):
        parts = (translate(one, language=RUSSIAN) for one in part.split(", "))
        return ", ".join(parts)
    if name == "steps":
        return "; ".join(translate(one, language=RUSSIAN) for one in part.split("; "))
    return part
