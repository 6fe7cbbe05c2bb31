"""The equity curve as PNG bytes, drawn in a thread to keep the event loop free.

PairReport -> a thread -> PNG
"""

import asyncio
from io import BytesIO

from trading.reporting.pair_report import PairReport


async def draw_stats(report: PairReport) -> bytes:
    """
    The equity curve as PNG.

    Raises:
        ValueError: when the pair has no finished cycle.
    """
    return await asyncio.to_thread(_draw, report)


def _draw(report: PairReport) -> bytes:
    # The import of matplotlib takes half a second, in the thread of the first picture.
    from reports.equity_curve import draw_report  # noqa: PLC0415

    png = BytesIO()
    draw_report(report, png)
    return png.getvalue()
