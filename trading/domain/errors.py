"""Failures, by the permitted reaction.

Four kinds, decided once at the adapter: transient (a read may be retried), permanent (stop and
tell), denied (our own rule: a value, see `trading.risk.engine`, never an exception) and unknown
(the outcome of a write is not proven: never retried, only looked up).

Every error carries a sentence for people, without secrets and without a venue's raw text.
"""


class QuorumError(Exception):
    """
    A failure with a sentence for people.

    Args:
        sentence: One clear sentence with the value and the limit; shown unchanged.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(QuorumError):
    """The request can't be carried out as written; nothing was changed."""


class TransientError(QuorumError):
    """
    A read failed for a temporary reason; a retry is allowed.

    Args:
        sentence: One sentence for people.
        retry_after_seconds: Wait requested by the other side, or None without a request.
    """

    def __init__(self, sentence: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class PermanentError(QuorumError):
    """Trying again can't help: stop and tell."""


class OutcomeUnknown(QuorumError):
    """A write may or may not have happened: never repeat the write, ask by client order id."""


class StaleLease(QuorumError):
    """Another worker has taken over the lease: the current worker must not act any more."""
