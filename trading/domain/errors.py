"""Failures, by what may be done about them.

Four kinds, decided once at the adapter: transient (a read may be retried), permanent (stop and
tell), denied (our own rule: a value, see `trading.risk.engine`, never an exception) and unknown
(the outcome of a write is not proven: never retried, only looked up).

Every error carries the sentence a person may read; it never holds a secret or a venue's raw text.
"""


class QuorumError(Exception):
    """
    A failure with a sentence for people.

    Args:
        sentence: One clear sentence that names the value and the limit; shown as it is.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(QuorumError):
    """What the person asked for can't be done as asked; nothing was changed."""


class TransientError(QuorumError):
    """
    A read failed for a reason that passes: it may be tried again.

    Args:
        sentence: One sentence for people.
        retry_after_seconds: What the other side asked us to wait, or None if it said nothing.
    """

    def __init__(self, sentence: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class PermanentError(QuorumError):
    """Trying again can't help: stop and tell."""


class OutcomeUnknown(QuorumError):
    """A write may or may not have happened: never repeat it, ask by client order id."""


class StaleLease(QuorumError):
    """Another worker has taken over the lease: whatever we were about to do is not ours to do."""
