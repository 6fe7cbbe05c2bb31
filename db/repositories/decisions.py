"""Every vote and abstention in columns, for statistics; the reasons are in the receipt."""

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from db.models.cycles import AiDecisionRow
from db.repositories.base import TenantRepository
from db.repositories.base import table_of
from db.repositories.base import to_columns
from db.repositories.base import to_value
from trading.cycle import CycleKey
from trading.decisions import Decision
from trading.decisions import ModelIdentity
from trading.decisions import Proposal
from trading.decisions import Usage

DECISIONS = table_of(AiDecisionRow)
MODEL_RENAMES = {"name": "model"}
NO_PROPOSAL: Mapping[str, Any] = {
    "action": None,
    "confidence": None,
    "stop_pct": None,
    "target_pct": None,
}


class DecisionRepository(TenantRepository):
    """The votes that the tenant's cycles got."""

    async def add_decisions(
        self, key: CycleKey, *, decisions: Iterable[Decision], now: datetime
    ) -> None:
        """Keep the votes of a claimed cycle; a model's second vote in a cycle is dropped."""
        if key.user_id != self._user_id:
            raise ValueError("votes are kept in their own user's session")
        common = {"symbol": key.pair, "cycle_time": key.cycle_time, "decided_at": now}
        rows = [{**common, **_to_columns(decision)} for decision in decisions]
        if rows:
            await self._run(self._insert(DECISIONS, *rows).on_conflict_do_nothing())

    async def list_decisions(self, key: CycleKey) -> tuple[Decision, ...]:
        """The votes of a cycle without their reasons, by model."""
        statement = self._select(DECISIONS).where(
            DECISIONS.c.symbol == key.pair, DECISIONS.c.cycle_time == key.cycle_time
        )
        rows = await self._all(statement.order_by(DECISIONS.c.model))
        return tuple(_to_decision(row) for row in rows)


def _to_columns(decision: Decision) -> dict[str, Any]:
    proposal = decision.proposal
    return {
        **to_columns(decision.model, renames=MODEL_RENAMES),
        **(
            to_columns(proposal, without=("reasons", "would_change_mind"))
            if proposal
            else NO_PROPOSAL
        ),
        **to_columns(decision.usage),
        "abstention": decision.abstention,
        "detail": decision.detail,
        "prompt_hash": decision.prompt_hash,
    }


def _to_decision(row: Row[Any]) -> Decision:
    proposal = None
    if row.abstention is None:
        proposal = to_value(Proposal, row, reasons=(), would_change_mind="")
    return to_value(
        Decision,
        row,
        model=to_value(ModelIdentity, row, renames=MODEL_RENAMES),
        proposal=proposal,
        usage=to_value(Usage, row),
    )
