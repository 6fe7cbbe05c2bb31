"""How many lives the state machines live, and how a large number of them is cut into blocks.

QUORUM_TEST_LIVES lives (30), from QUORUM_TEST_FIRST_LIFE (0) on. Up to a block's worth they are
new ones in every run. More are cut into blocks of their own seed each: no memory of 100,000 lives,
as many processes as there are cores, the same lives for everybody who asks for the same numbers,
and other ones on a second machine that begins where the first one ends.
"""

import os

from hypothesis import seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

LIVES = int(os.environ.get("QUORUM_TEST_LIVES", "30"))
FIRST = int(os.environ.get("QUORUM_TEST_FIRST_LIFE", "0"))
BLOCK = 1000

BLOCKS = tuple(range(FIRST, FIRST + LIVES, BLOCK))
"""The number of each block's first life, which is its seed too."""


def live(machine: type[RuleBasedStateMachine], *, first: int, steps: int) -> None:
    """Live one block of lives of at most `steps` steps; a failure shows the shortest one."""
    lives = min(BLOCK, FIRST + LIVES - first)
    if LIVES > BLOCK:
        machine = seed(first)(type(machine.__name__, (machine,), {}))
    run_state_machine_as_test(
        machine, settings=settings(max_examples=lives, stateful_step_count=steps, deadline=None)
    )
