"""The scorecard in the database says what the pure one says, and its view says the same."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.repositories.spending import CAPS, make_wish
from tests.db.schema import connect_as
from tests.db.values import BTC, CLAUDE, PAPER, make_key
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity, Proposal, Usage
from trading.council.forecasts import Forecast, Outcome, is_taken_alone, view_quorum
from trading.council.scorecard import Scorecard, build_scorecard
from trading.domain.units import Mode, PositionSide, UserId

GPT = ModelIdentity(name="gpt", vendor="openai", is_offline=False)
LONG, HOLD = Action.OPEN_LONG, Action.HOLD
USAGE = Usage(input_tokens=10, output_tokens=5, latency_ms=900)

type Judged = list[tuple[Forecast, Outcome | None]]


def vote(model: ModelIdentity, action: Action, confidence: int) -> Decision:
    levels: dict[str, Any] = (
        {"stop_pct": Decimal(1), "target_pct": Decimal(2)} if action.is_entry else {}
    )
    proposal = Proposal(action=action, confidence=Decimal(confidence), **levels)
    return Decision(model=model, proposal=proposal, usage=USAGE)


SAID: tuple[tuple[Decision, Decision], ...] = (
    (vote(GPT, LONG, 80), vote(CLAUDE, LONG, 90)),
    (vote(GPT, LONG, 75), vote(CLAUDE, HOLD, 60)),
    (vote(GPT, HOLD, 100), Decision(model=CLAUDE, proposal=None, abstention=Abstention.REFUSED)),
    (vote(GPT, LONG, 65), vote(CLAUDE, LONG, 71)),
)


def judge(forecast: Forecast, *, number: int) -> Outcome | None:
    """A made-up future: every second cycle is good for entries, and trades last 40 minutes."""
    proposal = forecast.decision.proposal
    if proposal is None:
        return None
    net = Decimal("0.01") if number % 2 == 0 else Decimal("-0.02")
    return Outcome(
        is_right=number % 2 == 0,
        net_return=net if proposal.action.is_entry else Decimal(0),
        ended_at=forecast.decided_at + timedelta(minutes=40),
    )


async def fill(database: Database, user_id: UserId, now: datetime) -> Scorecard:
    """Keep four cycles as a worker would; what the pure scorecard makes of them."""
    said: Judged = []
    agreed: Judged = []
    free_at: dict[str, datetime] = {}
    async with database.tenant(user_id) as tenant:
        for number, decisions in enumerate(SAID):
            at, price = now + timedelta(minutes=30 * number), Decimal(100 + number)
            key = make_key(user_id, at, BTC)
            await tenant.cycles.claim_cycle(key, mode=Mode.PAPER, venue=PAPER, now=at)
            await tenant.decisions.add_decisions(
                key, decisions=decisions, now=at, seen=(price, PositionSide.FLAT)
            )
            cycle = [Forecast(decision=d, decided_at=at, price=price, pair=BTC) for d in decisions]
            unjudged = await tenant.decisions.list_unjudged(BTC, since=at, until=at)
            assert {f.decision.model for f in unjudged} == {GPT, CLAUDE}
            rows = [(one, judge(one, number=number)) for one in (*cycle, view_quorum(cycle))]
            said += rows[:-1]
            agreed += rows[-1:]
            kept = []
            for one, outcome in rows:
                name = one.decision.model.name
                if outcome is None:
                    continue
                is_taken = is_taken_alone(one, free_at=free_at.get(name))
                if is_taken:
                    free_at[name] = outcome.ended_at
                kept.append((one, outcome, is_taken))
            await tenant.decisions.add_outcomes(BTC, judged=kept)
            assert await tenant.decisions.list_unjudged(BTC, since=at, until=at) == ()
    return build_scorecard(said, quorum=agreed, since=now)


def look(database_run: TestDatabase, view: str, user_id: UserId) -> dict[str, dict[str, Any]]:
    with connect_as(database_run.urls.app) as connection:
        connection.row_factory = dict_row  # type: ignore[assignment]
        connection.execute("SELECT set_config('quorum.user_id', %s, true)", (str(user_id),))
        rows: list[Any] = connection.execute(f"SELECT * FROM {view}").fetchall()
    return {str(row["model"]): dict(row) for row in rows}


async def test_what_is_loaded_is_what_the_pure_scorecard_says(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    pure = await fill(database, ann, now)
    async with database.tenant(ann) as tenant:
        loaded = await tenant.decisions.load_scorecard(since=now)
        on_btc = await tenant.decisions.load_scorecard(since=now, pair=BTC)
        later = await tenant.decisions.load_scorecard(since=now + timedelta(days=1))
    by_name = {score.model.name: score for score in pure.models}
    assert {score.model.name: score for score in loaded.models} == by_name
    assert (loaded.quorum, loaded.buy_and_hold_return) == (pure.quorum, Decimal("0.03"))
    assert on_btc == loaded
    assert later.models == ()


async def test_the_view_says_the_same(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    pure = await fill(database, ann, now)
    assert pure.quorum is not None
    rows = look(database_run, "ai_provider_stats_by_user", ann)
    assert rows.keys() == {"gpt", "claude"}
    for score in pure.models:
        row = rows[score.model.name]
        assert row["asked"] == score.asked
        assert row["judged"] == sum(score.votes.values())
        assert row["right_votes"] == sum(score.right.values())
        assert row["right_entries"] == score.right.get(LONG, 0)
        assert row["net_return"] == score.net_return
        assert row["abstentions"] == sum(score.abstentions.values())
        assert row["average_latency_ms"] == score.latency_ms
        assert row["quorum_net_return"] == pure.quorum.net_return
        assert row["hold_return"] == 0
        assert row["buy_and_hold_return"] == pure.buy_and_hold_return


async def test_calibration_is_counted_in_steps_of_ten(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    pure = await fill(database, ann, now)
    with connect_as(database_run.urls.app) as connection:
        connection.execute("SELECT set_config('quorum.user_id', %s, true)", (str(ann),))
        counted = connection.execute(
            "SELECT lower, votes, right_votes FROM ai_calibration_by_user"
            " WHERE model = 'gpt' ORDER BY lower"
        ).fetchall()
    gpt = next(score for score in pure.models if score.model == GPT)
    assert counted == [(b.lower, b.votes, b.right) for b in gpt.buckets]


async def test_a_model_s_cost_is_the_user_s_share_as_of_now(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    await fill(database, ann, now)
    for user in (ann, bob):
        async with database.tenant(user) as tenant:
            await tenant.spend.reserve(
                make_key(user, now, BTC), wishes=[make_wish(ann)], caps=CAPS, quorum=1, at=now
            )
    half = Decimal("0.0031") / 2
    async with database.tenant(ann) as tenant:
        card = await tenant.decisions.load_scorecard(since=now)
    assert {s.model.name: s.cost_usd for s in card.models} == {"gpt": 0, "claude": half}
    assert look(database_run, "ai_provider_stats_by_user", ann)["claude"]["cost_usd"] == half


async def test_the_operator_knows_when_a_model_last_voted(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    async with database.operator() as operator:
        assert await operator.decisions.load_last_vote_at() is None
    await fill(database, await make_user("ann"), now)
    async with database.operator() as operator:
        assert await operator.decisions.load_last_vote_at() == now + timedelta(minutes=90)
