"""Erasure of a user: the marks by which texts name the user, and audit entries without them.

UserMarks -> regular expressions (Python and PostgreSQL) -> texts without the user
AuditEntry, UserMarks, pseudonym -> pseudonymise -> AuditEntry | None

Audit entries outlive the user under a pseudonym. The salts of changed entries are removed from the
chain of hashes, and the erasure itself is an entry; see `trading.security.audit_chain`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import UserId
from trading.security.audit_chain import ERASED_LINKS, ERASURE, AuditEntry

SHORTEST_ID = 5
"""Digits of a number that is searched for without a word in front: Telegram ids have more."""
BETWEEN = r"""[\\"' :=_-]{0,6}"""
"""Characters between `user` and the number: `user 7`, `"user": 7`, `user_id=7`, `u7-BTC-USDT`."""
MASK = "(forgotten)"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMarks:
    """
    Names and numbers of a user.

    Attributes:
        hints: last characters of the user's API keys, as shown behind dots.
    """

    user_id: UserId
    name: str
    telegram_id: int | None = None
    hints: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """Regular expression for a text about the user: the user's number in Quorum."""
        words = rf"(?<!\w)(user|user_id|users|u){BETWEEN}{self.user_id}(?!\d)"
        return f"({words}|{_number(self.user_id)})" if _is_long(self.user_id) else f"({words})"

    @property
    def words(self) -> str:
        """Regular expression for the user's name, Telegram id and key hints within any text."""
        names = {self.name, self.name.encode("unicode_escape").decode()}
        found = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names)]
        found += [rf"\.\.\.{re.escape(hint)}(?!\w)" for hint in self.hints if hint]
        if self.telegram_id is not None:
            before = "" if _is_long(self.telegram_id) else rf"(telegram|chat|chat_id){BETWEEN}"
            found.append(before + _number(self.telegram_id))
        return f"({'|'.join(found)})"

    def is_actor(self, actor: str) -> bool:
        """Whether the user is the actor of an audit entry."""
        numbers = {f"telegram:{self.telegram_id}", f"user:{self.user_id}"}
        return actor in numbers or actor == self.name


def check_erasable(
    *, held: Iterable[str], in_doubt: Iterable[str], running: Iterable[str] = ()
) -> None:
    """
    Allow the erasure of a user without open business.

    Args:
        held: pairs with an open position.
        in_doubt: pairs with an order whose outcome is open.
        running: pairs with a cycle in progress.

    Raises:
        BadInput: with the pairs and the way out.
    """
    if pairs := _list_pairs(held):
        raise BadInput(message("forget-has-positions", pairs=pairs))
    if pairs := _list_pairs(in_doubt):
        raise BadInput(message("forget-has-orders", pairs=pairs))
    if pairs := _list_pairs(running):
        raise BadInput(message("forget-has-cycles", pairs=pairs))


def pseudonymise(entry: AuditEntry, *, marks: UserMarks, pseudonym: str) -> AuditEntry | None:
    """
    Replace the user in an audit entry; None for an entry without the user.

    An entry about the user keeps time and action, and loses the details. An entry about another
    user keeps the details less the marks of the user.
    """
    is_about = entry.user_id == marks.user_id
    detail = {"user": pseudonym} if is_about else _mask_detail(entry, marks=marks)
    changed = replace(
        entry,
        user_id=None if is_about else entry.user_id,
        actor=pseudonym if marks.is_actor(entry.actor) else entry.actor,
        detail=detail,
    )
    return changed if changed != entry else None


def describe_erasure(
    links: Iterable[int], *, pseudonym: str, actor: str, now: datetime
) -> AuditEntry:
    """The entry of an erasure; `links` are the sequences whose salts are removed."""
    sequences = " ".join(str(sequence) for sequence in sorted(links))
    return AuditEntry(
        entry_id=0,
        user_id=None,
        actor=actor,
        action=ERASURE,
        detail={ERASED_LINKS: sequences, "user": pseudonym},
        at=now,
    )


def _mask_detail(entry: AuditEntry, *, marks: UserMarks) -> dict[str, str]:
    pattern = re.compile(f"{marks.about}|{marks.words}", re.IGNORECASE)
    numbers = {str(marks.user_id), str(marks.telegram_id)}
    return {
        name: MASK if "user" in name and value in numbers else pattern.sub(MASK, value)
        for name, value in entry.detail.items()
    }


def _list_pairs(pairs: Iterable[str]) -> str:
    return ", ".join(sorted(set(pairs)))


def _is_long(number: int) -> bool:
    return len(str(number)) >= SHORTEST_ID


def _number(number: int) -> str:
    return rf"(?<!\d){number}(?!\d)"
