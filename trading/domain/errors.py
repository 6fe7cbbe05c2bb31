"""Failures, by the permitted reaction.

Four kinds, decided once at the adapter: transient (a read may be retried), permanent (stop and
tell), denied (our own rule: a value, see `trading.risk.engine`, never an exception) and unknown
(the outcome of a write is not proven: never retried, only looked up).

Every error carries a sentence for people, without secrets and without a venue's raw text.
"""

from trading.domain.messages import Message, plain


class QuorumError(Exception):
    """
    A failure with a message for people.

    Args:
        told: Names the value and the limit. A plain text is for logs and for the operator only and
            is not translated.
    """

    def __init__(self, told: Message | str) -> None:
        self.message = told if isinstance(told, Message) else plain(told)
        super().__init__(self.message)


class BadInput(QuorumError):
    """The request can't be carried out as written; nothing was changed."""


class TransientError(QuorumError):
    """
    A read failed for a temporary reason; a retry is allowed.

    Args:
        told: As of `QuorumError`.
        retry_after_seconds: Wait requested by the other side, or None without a request.
    """

    def __init__(self, told: Message | str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(told)
        self.retry_after_seconds = retry_after_seconds


class PermanentError(QuorumError):
    """Trying again can't help: stop and tell."""


class OutcomeUnknown(QuorumError):
    """A write may or may not have happened: never repeat the write, ask by client order id."""


class StaleLease(QuorumError):
    """Another worker has taken over the lease: the current worker must not act any more."""
