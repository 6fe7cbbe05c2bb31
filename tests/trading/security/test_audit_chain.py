"""The chain over the audit log: every edit, deletion, swap and truncation is found."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from trading.domain.units import UserId
from trading.security.audit_chain import (
    ERASED_LINKS,
    ERASURE,
    AuditEntry,
    ChainFault,
    ChainLink,
    extend_chain,
    verify_chain,
)

ATTACKS = 10_000
LENGTH = 40
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CHAOS = random.Random(20261130)


def make_log(length: int = LENGTH) -> tuple[list[AuditEntry], list[ChainLink]]:
    entries = [
        AuditEntry(
            entry_id=number + 1,
            user_id=UserId(number % 4 + 1) if number % 5 else None,
            actor=f"telegram:{number % 4}",
            action=CHAOS.choice(["connect", "halt", "set_limit"]),
            detail={"value": str(CHAOS.random())},
            at=BEGIN + timedelta(minutes=number),
        )
        for number in range(length)
    ]
    salts = (CHAOS.randbytes(16) for _ in entries)
    return entries, extend_chain(entries, last=None, salts=salts)


def check(
    links: Sequence[ChainLink], entries: Sequence[AuditEntry], *heads: str
) -> list[ChainFault]:
    by_id = {entry.entry_id: entry for entry in entries}
    return [found.fault for found in verify_chain(links, entries=by_id, heads=heads)]


def edit(entry: AuditEntry) -> AuditEntry:
    changes = (
        {"actor": "somebody"},
        {"action": "nothing"},
        {"detail": {"value": "0"}},
        {"at": entry.at + timedelta(microseconds=1)},
        {"user_id": UserId(99)},
    )
    return replace(entry, **CHAOS.choice(changes))


def attack(entries: list[AuditEntry], links: list[ChainLink]) -> None:
    """Change the log, or the chain, or both, in place."""
    here, there = CHAOS.sample(range(LENGTH), 2)
    match CHAOS.randrange(8):
        case 0:
            entries[here] = edit(entries[here])
        case 1:
            del entries[here]
        case 2:
            one, two = entries[here], entries[there]
            entries[here] = replace(two, entry_id=one.entry_id)
            entries[there] = replace(one, entry_id=two.entry_id)
        case 3:
            del entries[here:], links[here:]
        case 4:
            del links[here], entries[here]
        case 5:
            links[here], links[there] = links[there], links[here]
        case 6:
            links[here] = replace(links[here], salt=None)
        case _:  # a whole new chain over a changed log
            entries[here] = edit(entries[here])
            links[:] = extend_chain(entries, last=None, salts=(bytes(16) for _ in entries))


def test_10_000_attacks_are_all_found() -> None:
    entries, links = make_log()
    head = links[-1].head
    assert check(links, entries, head) == []
    missed = 0
    for _ in range(ATTACKS):
        changed, chain = list(entries), list(links)
        attack(changed, chain)
        missed += not check(chain, changed, head)
    assert missed == 0


def test_the_erasure_of_a_user_keeps_the_chain_of_the_others() -> None:
    entries, links = make_log()
    gone = [n for n, entry in enumerate(entries) if entry.user_id == 1]
    words = " ".join(str(links[n].sequence) for n in gone)
    erasure = AuditEntry(
        entry_id=LENGTH + 1, user_id=None, actor="operator", action=ERASURE,
        detail={ERASED_LINKS: words}, at=BEGIN,
    )  # fmt: skip
    erased = [replace(link, salt=None) if n in gone else link for n, link in enumerate(links)]
    erased += extend_chain([erasure], last=links[-1], salts=[bytes(16)])
    left = [entry for entry in [*entries, erasure] if entry.user_id != 1]

    assert check(erased, left, links[-1].head, erased[-1].head) == []
    without = [entry for entry in left if entry.action != ERASURE]
    assert ChainFault.UNSEALED in check(erased, without)
