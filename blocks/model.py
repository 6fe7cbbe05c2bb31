"""The model block: one seat of the council, as the operator sees it in Prefect.

ModelBlock (provider, key, prices, limits) -> get_client() -> Model

The seats themselves are chosen in `blocks.council`. A key lives in the block's secret field and in
the client; it is in no parameter, result, log or exception.
"""

from collections.abc import Callable

from prefect.blocks.core import Block

from blocks.models.offline import build_offline_model
from trading.errors import PermanentError
from trading.ports import Model


class ModelBlock(Block):
    """
    One voter.

    Attributes:
        provider: which adapter, one of `model_providers()`.
    """

    _block_type_name = "Quorum Model"
    _block_type_slug = "quorum-model"
    _description = "A voter of the council: a language model or an offline rule."

    provider: str = "offline-trend"

    def get_client(self) -> Model:
        """
        The voter.

        Raises:
            PermanentError: for an unknown provider.
        """
        builder = _BUILDERS.get(self.provider)
        if builder is None:
            known = ", ".join(model_providers())
            raise PermanentError(
                f"There is no model provider {self.provider!r}; there are {known}."
            )
        return builder(self)


def model_providers() -> tuple[str, ...]:
    """What `provider` may be."""
    return tuple(_BUILDERS)


_BUILDERS: dict[str, Callable[[ModelBlock], Model]] = {
    "offline-trend": lambda _: build_offline_model("trend"),
    "offline-mean-reversion": lambda _: build_offline_model("mean-reversion"),
    "offline-breakout": lambda _: build_offline_model("breakout"),
}
