"""The council's seats: rules when there is no key, errors that name what exists."""

import pytest

from blocks.council import OFFLINE_SEATS, council_from_settings
from blocks.model import ModelBlock
from blocks.models.offline import build_offline_council
from blocks.models.settings import CouncilSettings
from tests.trading.council_cases import make_facts
from trading.council.prompts import build_prompt
from trading.domain.errors import PermanentError


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUORUM_COUNCIL", "QUORUM_FEEDS", "X_BEARER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for vendor in ("OPENAI", "DEEPSEEK", "ANTHROPIC"):
        monkeypatch.delenv(f"{vendor}_API_KEY", raising=False)


def test_without_a_key_three_rules_of_three_vendors_vote() -> None:
    council = council_from_settings(CouncilSettings(_env_file=None))
    assert [model.identity.name for model in council] == [
        "trend (offline rules)",
        "mean reversion (offline rules)",
        "breakout (offline rules)",
    ]
    assert len({model.identity.vendor for model in council}) == len(OFFLINE_SEATS)
    assert all(model.identity.is_offline for model in council)


def test_seats_are_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUM_COUNCIL", "offline-trend, Offline-Breakout,")
    council = council_from_settings(CouncilSettings(_env_file=None))
    assert [model.identity.vendor for model in council] == ["offline-trend", "offline-breakout"]


def test_a_voter_has_one_seat() -> None:
    settings = CouncilSettings(_env_file=None, council=("offline-trend", "offline-trend"))
    with pytest.raises(PermanentError, match="names a voter twice"):
        council_from_settings(settings)


def test_an_unknown_provider_is_named_with_those_that_exist() -> None:
    with pytest.raises(PermanentError, match=r"no model provider “oracle”.*offline-trend"):
        ModelBlock(provider="oracle").get_client()


async def test_an_offline_voter_names_the_question_it_answered() -> None:
    prompt = build_prompt(make_facts(), None)
    for model in build_offline_council():
        decision = await model.ask(prompt)
        assert decision.prompt_hash == prompt.digest
        assert decision.model == model.identity
        assert not decision.abstained
        assert decision.usage.cost_usd == 0
