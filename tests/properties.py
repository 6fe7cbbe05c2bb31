"""Hypothesis without a stopwatch: a property that is true slowly is still true.

Two busy cores make any deadline a coin toss; pytest's own timeout ends what hangs. Where `CI` is
set hypothesis loads a profile of its own, without a deadline too and the same examples every time.
"""

import os

from hypothesis import settings

settings.register_profile("quorum", deadline=None)

if not os.environ.get("CI"):
    settings.load_profile("quorum")
