"""Hypothesis without a stopwatch: a property that is true slowly is still true.

Two busy cores make any deadline a coin toss; pytest's own timeout ends what hangs. Where `CI` is
set hypothesis loads a profile of its own, without a deadline too and the same examples every time.

QUORUM_TEST_EXAMPLES examples of each property, the same in every run: for `make mutants`, which
runs them a thousand times over.
"""

import os

from hypothesis import settings

settings.register_profile("quorum", deadline=None)

examples = os.environ.get("QUORUM_TEST_EXAMPLES")
if examples:
    few = settings(deadline=None, derandomize=True, database=None, max_examples=int(examples))
    settings.register_profile("few", few)
    settings.load_profile("few")
elif not os.environ.get("CI"):
    settings.load_profile("quorum")
