"""`quorum bench council`: the delay from the last needed answer to the decision.

model double (0.8, 1.5, 8 s) <- unchanged SDKs <- blocks.models <- tasks.council.polling -> figures

The double is the tests' HTTP server on loopback, so the bench needs a checkout. Prefect takes no
part: the capacity bench measures Prefect's share of a cycle.
"""

import statistics
import time
from typing import Any

from trading.domain.errors import BadInput

LATENCIES = {"openai": 0.8, "deepseek": 1.5, "anthropic": 8.0}
CRITICAL_PATH_SECONDS = 1.5
"""The second answer, when the first two agree."""

DEADLINE_SECONDS = 3.0
QUORUM = 2

type Figures = dict[str, float | int | str]


async def measure_council(*, rounds: int) -> Figures:
    """
    The figures of `bench council`.

    Raises:
        BadInput: outside a checkout.
    """
    await _measure("open_long")  # the first call of a process imports and reads certificates
    agree = [await _measure("open_long") for _ in range(rounds)]
    differ = [await _measure("hold") for _ in range(rounds)]
    ratio = statistics.median(agree) / CRITICAL_PATH_SECONDS
    return {
        "benchmark": "council",
        "rounds": rounds,
        "critical_path_seconds": CRITICAL_PATH_SECONDS,
        "ready_seconds_median": round(statistics.median(agree), 3),
        "ready_seconds_max": round(max(agree), 3),
        "ratio_to_critical_path": round(ratio, 4),
        "deadline_seconds": DEADLINE_SECONDS,
        "undecided_ready_seconds_max": round(max(differ), 3),
    }


async def _measure(second_action: str) -> float:
    """Seconds until the decision; the first model says open_long."""
    from blocks.council import council_from_settings
    from tasks.council.polling import Poll

    try:
        from tests.doubles.models import Script, answer_text, serve_models
    except ImportError:
        raise BadInput(
            "`quorum bench council` needs the checkout and its development tools."
        ) from None
    async with serve_models() as double:
        for vendor, seconds in LATENCIES.items():
            action = second_action if vendor == "deepseek" else "open_long"
            script = Script(latency_seconds=seconds, text=answer_text(action))
            getattr(double, vendor).answer_with(script)
        models = council_from_settings(_settings(double))
        prompt = _prompt()
        started = time.perf_counter()
        poll = Poll({model.identity: model.ask(prompt) for model in models})
        await poll.settle(quorum=QUORUM, deadline_seconds=DEADLINE_SECONDS)
        taken = time.perf_counter() - started
        poll.cancel()
        return taken


def _settings(double: Any) -> Any:
    from pydantic import SecretStr

    from blocks.models.settings import CouncilSettings

    settings = CouncilSettings()
    return settings.model_copy(
        update={"council": tuple(LATENCIES), "model_deadline_seconds": 60.0}
        | {f"{vendor}_api_key": SecretStr("not-a-key") for vendor in LATENCIES}
        | {f"{vendor}_base_url": double.base_url(vendor) for vendor in LATENCIES}
    )


def _prompt() -> Any:
    """A question of realistic length."""
    from tests.trading.council_cases import make_facts
    from trading.council.prompts import build_prompt

    return build_prompt(make_facts(), None)
