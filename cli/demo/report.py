"""Report at the end of a demo: a table, the picture's path, three receipts, a line of JSON.

DemoSummary, receipts -> text
"""

from pathlib import Path

from cli.base.output import print_json, print_table, show_money
from cli.demo.figures import DemoSummary, Played
from reports.documents.receipts import choose_telling, render_receipt_text


def print_summary(summary: DemoSummary) -> None:
    """The figures as a JSON object, `completed` and `errors` last."""
    print_json(summary)


def print_report(
    summary: DemoSummary, *, played: Played, picture: Path | None, seconds: float
) -> None:
    """Everything for people."""
    print_table("What came of it", columns=("figure", "value>"), rows=list_rows(summary))
    print(f"Prices: {summary.market}. Voters: {', '.join(summary.voters) or 'none'}.")
    print(f"{seconds:.0f} s, {seconds / max(summary.cycles, 1):.2f} s a cycle with the start.")
    if picture is not None:
        print(f"Equity curve: {picture}")
    for sentence in played.errors:
        print(f"FAILED {sentence}")
    for record in choose_telling(played.records):
        print(f"\n{'-' * 79}\n{render_receipt_text(record)}")
    print()


def list_rows(summary: DemoSummary) -> list[tuple[str, str]]:
    """Figures by display name."""
    return [
        ("cycles", str(summary.cycles)),
        ("completed", str(summary.completed)),
        ("skipped", str(summary.skipped)),
        ("held", f"{summary.holds} ({summary.denials} denied by risk)"),
        ("entries", str(summary.entries)),
        ("exits", str(summary.exits)),
        ("orders, stops and targets included", str(summary.orders)),
        ("longest time without a stop", f"{summary.bare_seconds_max:g} s"),
        ("fees", show_money(summary.fees)),
        ("funding", show_money(summary.funding, signed=True)),
        ("net PnL", show_money(summary.net_pnl, signed=True)),
        ("HOLD (doing nothing)", show_money(summary.hold_pnl, signed=True)),
        ("buy and hold", show_money(summary.buy_and_hold_pnl, signed=True)),
        ("failed cycles", str(summary.errors)),
    ]
