"""The drawings of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from eval.metrics import RISK
from eval.report.curves import Bin, RiskPoint
from eval.report.scores import Score
from eval.report.svg import Plot, element, label, picture
from eval.report.texts import Texts

_WIDTH = 480.0
_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_GRID_LINES_AT_MOST = 6


def interval_bar(score: Score) -> Markup:
    """Value and interval of a share on a line from 0 to 1. The numbers stand beside it."""
    if score.value is None or score.low is None or score.high is None:
        return Markup("")
    line = Plot(2, 0, 176, 14)
    low, band = line.x(score.low), line.x(score.high) - line.x(score.low)
    return element(
        "svg",
        element("rect", x=2, y=6, width=176, height=2, rx=1, class_="track"),
        element("rect", x=low, y=3, width=max(band, 2), height=8, rx=2, class_="band"),
        element("rect", x=line.x(score.value) - 1.5, y=1, width=3, height=12, rx=1, class_="mark"),
        viewBox="0 0 180 14",
        aria_hidden="true",
        class_="bar",
    )


def reliability_chart(bins: Sequence[Bin], t: Texts) -> Markup:
    """Share of right answers over confidence with Wilson intervals, the diagonal, and counts."""
    plot = Plot(66, 14, 388, 300)
    filled = [item for item in bins if item.n]
    points = [(item.confidence or 0.0, item.share or 0.0) for item in filled]
    return picture(
        "reliability",
        _WIDTH,
        420,
        t("reliability_title"),
        t("reliability_description", bins=len(filled), n=sum(item.n for item in bins)),
        _grid(plot, _FIFTHS, t),
        plot.line((0, 0), (1, 1), "guide"),
        *(_whisker(plot, item) for item in filled),
        plot.path(points, "curve"),
        *(plot.dot(x, y, 4.5, "dot") for x, y in points),
        _counts(Plot(66, 346, 388, 40), bins),
        label(t("axis_confidence"), plot.left + plot.width / 2, 412, class_="axis-name"),
        _axis_name_upright(plot, t("axis_right")),
    )


def _whisker(plot: Plot, item: Bin) -> Markup:
    if item.interval is None or item.confidence is None:
        return Markup("")
    low, high = item.interval
    return plot.line((item.confidence, low), (item.confidence, high), "whisker")


def _counts(strip: Plot, bins: Sequence[Bin]) -> Markup:
    """A bar for the answers of each bin with their number on top."""
    most = max(item.n for item in bins)
    room, parts = strip.height - 14, []
    for item in bins:
        height = room * item.n / most
        left, right = strip.x(item.low), strip.x(item.high)
        parts.append(
            element(
                "rect",
                x=left + 2,
                y=strip.bottom - height,
                width=right - left - 4,
                height=height,
                class_="count-bar",
            )
        )
        parts.append(label(str(item.n), (left + right) / 2, strip.bottom - height - 4))
    base = element(
        "line", x1=strip.left, y1=strip.bottom, x2=strip.right, y2=strip.bottom, class_="axis"
    )
    return element("g", *parts, base)


def risk_chart(curve: Sequence[RiskPoint], chosen: RiskPoint | None, t: Texts) -> Markup:
    """Share of wrong answers over coverage, the line it should keep to, the point chosen."""
    top = max(RISK * 2, *(point.risk for point in curve))
    step = _step(top)
    y_end = math.ceil(round(top / step, 6)) * step
    plot = Plot(66, 14, 388, 300, y_end=y_end)
    ticks = [step * at for at in range(round(y_end / step) + 1)]
    return picture(
        "risk",
        _WIDTH,
        366,
        t("risk_title"),
        t("risk_description", n=curve[-1].answered, risk=t.percent(curve[-1].risk)),
        _grid(plot, ticks, t),
        plot.line((0, RISK), (1, RISK), "target"),
        plot.path([(point.coverage, point.risk) for point in curve], "curve"),
        label(
            t("risk_target_label", risk=t.percent(RISK)),
            plot.right - 6,
            plot.y(RISK) - 7,
            anchor="end",
            class_="note target-note",
        ),
        _chosen_mark(plot, chosen, t),
        label(t("axis_coverage"), plot.left + plot.width / 2, 358, class_="axis-name"),
        _axis_name_upright(plot, t("axis_risk")),
    )


def _chosen_mark(plot: Plot, chosen: RiskPoint | None, t: Texts) -> Markup:
    if chosen is None:
        return Markup("")
    x, y = chosen.coverage, chosen.risk
    is_left = x < 0.5
    return element(
        "g",
        plot.line((x, 0), (x, plot.y_end), "chosen-line"),
        plot.dot(x, y, 6, "chosen"),
        label(
            t("risk_chosen_label", threshold=t.number(chosen.confidence, 2)),
            plot.x(x) + (8 if is_left else -8),
            plot.top + 14,
            anchor="start" if is_left else "end",
            class_="note",
        ),
    )


def _step(top: float) -> float:
    """The distance of grid lines that leaves few of them."""
    return next(step for step in (0.02, 0.05, 0.1, 0.2) if top / step <= _GRID_LINES_AT_MOST)


def _grid(plot: Plot, levels: Sequence[float], t: Texts) -> Markup:
    """Level lines with their names, and the names below the horizontal axis."""
    parts = []
    for level in levels:
        parts.append(plot.line((0, level), (plot.x_end, level), "grid" if level else "axis"))
        parts.append(label(t.percent(level), plot.left - 8, plot.y(level) + 4, anchor="end"))
    parts.extend(label(t.percent(at), plot.x(at), plot.bottom + 21) for at in _FIFTHS)
    return element("g", *parts)


def _axis_name_upright(plot: Plot, text: str) -> Markup:
    middle = plot.top + plot.height / 2
    return element(
        "text",
        text,
        x=0,
        y=0,
        text_anchor="middle",
        transform=f"translate(13 {middle:g}) rotate(-90)",
        class_="axis-name",
    )
