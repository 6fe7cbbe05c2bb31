"""A council of real SDKs on a stage: three vendors of the model double, asked by real cycles."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from prefect.client.schemas.objects import State
from pydantic import SecretStr

from blocks.council import council_from_settings
from blocks.models.settings import CouncilSettings
from flows.trading_cycle import trading_cycle
from tasks.runtime.container import use_services
from tests.doubles.models import ModelDouble, Script, answer_text
from tests.stage import PAIR, Stage
from trading.council.llm_budget import SpendCaps
from trading.cycle import CycleRecord
from trading.domain.units import UserId
from trading.ports import Model

VENDORS = ("openai", "deepseek", "anthropic")
WIDE = SpendCaps(installation_usd=Decimal(1000), user_usd=Decimal(1000), pair_usd=Decimal(1000))


def connect_models(double: ModelDouble, *, key: str = "not-a-key") -> tuple[Model, ...]:
    """Clients of all three vendors, with keys, at the double's address."""
    settings = CouncilSettings().model_copy(
        update={"council": VENDORS, "model_deadline_seconds": 20.0}
        | {f"{vendor}_api_key": SecretStr(key) for vendor in VENDORS}
        | {f"{vendor}_base_url": double.base_url(vendor) for vendor in VENDORS}
    )
    return council_from_settings(settings)


@dataclass(slots=True, kw_only=True)
class CouncilStage:
    """A stage whose voters are the double's vendors."""

    stage: Stage
    double: ModelDouble
    budget: SpendCaps = WIDE
    models: tuple[Model, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.models = connect_models(self.double)

    def say(self, *actions: str) -> None:
        """Let the vendors vote so, one action each or one for all."""
        spoken = actions if len(actions) == len(VENDORS) else actions * len(VENDORS)
        for vendor, action in zip(VENDORS, spoken, strict=True):
            self.script(vendor, Script(text=answer_text(action)))

    def script(self, vendor: str, *script: Script) -> None:
        getattr(self.double, vendor).answer_with(*script)

    async def run(self, user_id: UserId | None = None) -> State[Any]:
        """One cycle of a user at the stage's time."""
        services = replace(self.stage.connect(), models=self.models, spend_caps=self.budget)
        with use_services(services):
            return await trading_cycle(
                user_id or self.stage.user_id, str(PAIR), self.stage.now, return_state=True
            )

    async def run_cycle(self) -> CycleRecord:
        """The same for the stage's user; its receipt."""
        state = await self.run()
        assert state.is_completed(), state.message
        return await self.stage.load_record()

    def count_calls(self) -> dict[str, int]:
        return {vendor: self.double.count(vendor) for vendor in VENDORS}
