"""Seats that are blocks saved in Prefect: the operator's keys need be in no environment."""

import pytest
from pydantic import SecretStr

from blocks.council import open_council
from blocks.model import ModelBlock
from blocks.models.settings import CouncilSettings
from trading.domain.errors import PermanentError

pytestmark = pytest.mark.usefixtures("prefect_api")


def settings_for(*council: str) -> CouncilSettings:
    return CouncilSettings().model_copy(update={"council": council})


async def save_claude(name: str) -> None:
    block = ModelBlock(
        provider="anthropic", model="claude-x", key=SecretStr("not-a-key"), prices="1/1/1/1"
    )
    await block.asave(name, overwrite=True)


async def test_a_saved_block_takes_its_seat_beside_rules() -> None:
    await save_claude("claude")
    models = await open_council(settings_for("block:claude", "offline-trend"))
    assert [model.identity.name for model in models] == [
        "anthropic:claude-x",
        "trend (offline rules)",
    ]
    assert "not-a-key" not in repr(models)


async def test_a_block_that_prefect_does_not_have_is_said_plainly() -> None:
    with pytest.raises(PermanentError, match="no model block “nobody”"):
        await open_council(settings_for("block:nobody"))


async def test_one_voter_in_two_seats_is_refused() -> None:
    for name in ("one", "other"):
        await save_claude(name)
    with pytest.raises(PermanentError, match="names a voter twice"):
        await open_council(settings_for("block:one", "block:other"))


async def test_without_saved_blocks_the_settings_decide() -> None:
    models = await open_council(settings_for("offline-trend", "offline-breakout"))
    assert len(models) == 2
