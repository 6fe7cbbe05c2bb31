"""Charts: the equity curve as a PNG, with the source of the prices.

equity points, markers -> draw_equity -> a file, or bytes in memory

Drawn off screen and without pyplot, because pyplot shares state between threads; numbers become
floats here because a picture has no cents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#1b2430"
QUIET = "#8a94a3"
EQUITY = "#0b7285"
MARKET = "#c08a3e"
GAIN = "#2b8a3e"
LOSS = "#c92a2a"
SIZE_INCHES = (10, 5.6)
DOTS_PER_INCH = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """
    Value of a pair at `at`, quote units.

    Attributes:
        hold: value without any trade: the capital.
        buy_and_hold: value after buying with the whole capital at the start.
        drawdown: lost fraction of the peak, 0..1.
    """

    at: datetime
    equity: Decimal
    hold: Decimal
    buy_and_hold: Decimal
    drawdown: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """
    An entry or exit on the curve.

    Attributes:
        kind: "long", "short" or "exit".
    """

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """
    Texts around the curve.

    Attributes:
        source: label for recorded or made-up prices.
        voters: names of the voters; offline rules are named as such.
        quote: the currency of the axis.
    """

    title: str
    source: str
    voters: str
    quote: str


def draw_equity(
    target: Path | BytesIO,
    points: Sequence[CurvePoint],
    *,
    markers: Sequence[Marker],
    caption: Caption,
) -> None:
    """
    Write the picture as PNG.

    Raises:
        ValueError: when there is no point to draw.
    """
    if not points:
        raise ValueError("an equity picture needs at least one point")
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    FigureCanvasAgg(figure)
    curve, depth = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    _draw_curve(curve, points, caption)
    _draw_markers(curve, points, markers)
    figure.legend(loc="outside lower center", frameon=False, fontsize=9, ncols=6)
    _draw_drawdown(depth, points)
    figure.suptitle(caption.title, x=0.01, ha="left", fontsize=14, fontweight="bold", color=INK)
    curve.set_title(
        f"{caption.source}   |   voters: {caption.voters}", loc="left", fontsize=9, color=QUIET
    )
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=DOTS_PER_INCH, facecolor="white", format="png")


def _draw_curve(axes: Axes, points: Sequence[CurvePoint], caption: Caption) -> None:
    times = _axis_times([point.at for point in points])
    hold = [float(point.hold) for point in points]
    equity = [float(point.equity) for point in points]
    market = [float(point.buy_and_hold) for point in points]
    axes.plot(times, market, color=MARKET, linewidth=1.2, label="buy and hold")
    axes.plot(times, hold, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), label="HOLD")
    axes.plot(times, equity, color=EQUITY, linewidth=2.2, label="Quorum, net of fees and funding")
    axes.annotate(
        f"{equity[-1] - hold[-1]:+,.2f}",
        (times[-1], equity[-1]),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=10,
        fontweight="bold",
        color=GAIN if equity[-1] >= hold[-1] else LOSS,
    )
    axes.set_ylabel(f"equity, {caption.quote}", color=INK)
    _plain(axes)


def _draw_markers(axes: Axes, points: Sequence[CurvePoint], markers: Sequence[Marker]) -> None:
    shapes = {
        "long": ("^", GAIN, "long entry"),
        "short": ("v", LOSS, "short entry"),
        "exit": ("o", INK, "exit"),
    }
    for kind, (shape, color, label) in shapes.items():
        at = [_find_point(points, marker.at) for marker in markers if marker.kind == kind]
        if at:
            axes.scatter(
                _axis_times([point.at for point in at]),
                [float(point.equity) for point in at],
                marker=shape,
                color=color,
                s=46,
                zorder=5,
                edgecolors="white",
                linewidths=0.8,
                label=label,
            )


def _find_point(points: Sequence[CurvePoint], instant: datetime) -> CurvePoint:
    """The first point at or after `instant`, else the last point."""
    return next((point for point in points if point.at >= instant), points[-1])


def _draw_drawdown(axes: Axes, points: Sequence[CurvePoint]) -> None:
    times = _axis_times([point.at for point in points])
    depth = [-100 * float(point.drawdown) for point in points]
    axes.fill_between(times, depth, 0, color=LOSS, alpha=0.25, linewidth=0)
    axes.set_ylabel("drawdown, %", color=INK)
    axes.set_ylim(min([*depth, -0.5]) * 1.15, 0)
    locator = mdates.AutoDateLocator()  # type: ignore[no-untyped-call]  # not annotated there
    axes.xaxis.set_major_locator(locator)
    formatter = mdates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]  # likewise
    axes.xaxis.set_major_formatter(formatter)
    _plain(axes)


def _axis_times(instants: Sequence[datetime]) -> list[float]:
    return [float(mdates.date2num(instant)) for instant in instants]  # type: ignore[no-untyped-call]  # likewise


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e9ee", linewidth=0.8)
    axes.tick_params(colors=INK, labelsize=9)
    axes.set_axisbelow(True)
    axes.margins(x=0.02)
