"""Polls all models at the same time, only as long as an answer can change the outcome.

    {identity: ask} -> Poll.settle -> decisions for the consensus
                    -> Poll.finish -> all decisions for the record, late ones marked

When a quorum agrees and the open votes can't overturn the result, the cycle continues; an open
vote counts as an abstention. The late answer costs the same money, so the end of the cycle waits
for the answer a few seconds and records the vote as late, for the statistics. A model call with an
exception counts as an abstention.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

from trading.council.consensus import Gate, is_settled
from trading.council.decisions import LATE, Abstention, Decision, ModelIdentity


class Poll:
    """
    The open calls of a question; belongs to one event loop.

    Call `settle` once, then `finish` or `cancel`: otherwise open calls would never end.
    """

    def __init__(self, asks: Mapping[ModelIdentity, Coroutine[Any, Any, Decision]]) -> None:
        self._tasks = {identity: asyncio.ensure_future(ask) for identity, ask in asks.items()}
        self._settled: dict[ModelIdentity, Decision] = {}

    async def settle(
        self,
        *,
        quorum: int,
        deadline_seconds: float,
        is_early: bool = True,
        gate: Gate | None = None,
    ) -> tuple[Decision, ...]:
        """
        One decision per model, in the order of the council.

        Returns when all models have answered, at the deadline, or (if `is_early`) when no open
        vote can change the action or whether an entry passes the gate. An open vote counts as an
        abstention; so does, after an early end, a vote of a maker with another open vote, because
        the maker's voice is not known yet.
        """
        unheard: set[str] = set()
        ends_at = asyncio.get_running_loop().time() + deadline_seconds
        while pending := self._pending():
            left = ends_at - asyncio.get_running_loop().time()
            out = {identity.vendor for identity in pending}
            if left <= 0:
                break
            if is_early and is_settled(
                self._answered(), pending_vendors=out, quorum=quorum, gate=gate
            ):
                unheard = out
                break
            tasks = pending.values()
            await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        self._settled = {
            identity: _ignore(identity) if identity.vendor in unheard else self._read(identity)
            for identity in self._tasks
        }
        return tuple(self._settled.values())

    async def finish(self, *, grace_seconds: float) -> tuple[Decision, ...]:
        """The decisions of `settle`, with late answers in place of abstentions."""
        if pending := self._pending():
            await asyncio.wait(pending.values(), timeout=grace_seconds)
        decisions = tuple(self._read_late(identity) for identity in self._tasks)
        self.cancel()
        return decisions

    def cancel(self) -> None:
        """Cancel the open calls."""
        for task in self._tasks.values():
            task.cancel()

    def _pending(self) -> dict[ModelIdentity, asyncio.Future[Decision]]:
        return {identity: task for identity, task in self._tasks.items() if not task.done()}

    def _answered(self) -> list[Decision]:
        return [self._read(identity) for identity, task in self._tasks.items() if task.done()]

    def _read(self, identity: ModelIdentity) -> Decision:
        task = self._tasks[identity]
        if not task.done():
            return _ignore(identity)
        if task.cancelled() or task.exception() is not None:
            return _abstain(identity, Abstention.UNAVAILABLE, detail="failed unexpectedly")
        return task.result()

    def _read_late(self, identity: ModelIdentity) -> Decision:
        then, now = self._settled[identity], self._read(identity)
        if now == then:
            return then
        return replace(now, detail=f"{LATE}: {now.detail}" if now.detail else LATE)


def _ignore(identity: ModelIdentity) -> Decision:
    """A vote that was not waited for."""
    return _abstain(identity, Abstention.DEADLINE, detail="not waited for")


def _abstain(identity: ModelIdentity, abstention: Abstention, *, detail: str) -> Decision:
    return Decision(model=identity, proposal=None, abstention=abstention, detail=detail)
