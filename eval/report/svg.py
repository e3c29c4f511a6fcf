"""Just enough SVG: elements, and a square of plot to put them in. Colours come from the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape


def element(name: str, *inside: str, **attributes: str | float) -> Markup:
    """An element with escaped content; `class_` is `class`, other `_` are `-`, lengths in px."""
    written = Markup("").join(
        Markup(' {}="{}"').format(_attribute(key), _amount(value))
        for key, value in attributes.items()
    )
    content = Markup("").join(escape(part) for part in inside)
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, content)


def picture(
    identity: str, width: float, height: float, title: str, description: str, *inside: str
) -> Markup:
    """A drawing that screen readers read as `title` and `description`."""
    return element(
        "svg",
        element("title", title, id=f"{identity}-title"),
        element("desc", description, id=f"{identity}-desc"),
        *inside,
        viewBox=f"0 0 {_amount(width)} {_amount(height)}",
        role="img",
        aria_labelledby=f"{identity}-title {identity}-desc",
        class_=f"chart {identity}",
    )


@dataclass(frozen=True)
class Plot:
    """A plot area in px within a drawing, and the values at its far corner; axes start at 0."""

    left: float
    top: float
    width: float
    height: float
    x_end: float = 1.0
    y_end: float = 1.0

    @property
    def right(self) -> float:
        """px of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """px of the lower edge."""
        return self.top + self.height

    def x(self, value: float) -> float:
        """px of a value on the horizontal axis."""
        return self.left + value / self.x_end * self.width

    def y(self, value: float) -> float:
        """px of a value on the vertical axis."""
        return self.bottom - value / self.y_end * self.height

    def line(self, start: tuple[float, float], end: tuple[float, float], class_: str) -> Markup:
        """A straight line between two points given in values."""
        return element(
            "line",
            x1=self.x(start[0]),
            y1=self.y(start[1]),
            x2=self.x(end[0]),
            y2=self.y(end[1]),
            class_=class_,
        )

    def path(self, points: Sequence[tuple[float, float]], class_: str) -> Markup:
        """A line through points given in values."""
        steps = " ".join(f"{_amount(self.x(x))},{_amount(self.y(y))}" for x, y in points)
        return element("polyline", points=steps, class_=class_)

    def dot(self, x: float, y: float, radius: float, class_: str) -> Markup:
        """A dot at a point given in values; `radius` in px."""
        return element("circle", cx=self.x(x), cy=self.y(y), r=radius, class_=class_)


def label(text: str, x: float, y: float, *, anchor: str = "middle", class_: str = "tick") -> Markup:
    """Text at a point in px."""
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=class_)


def _attribute(name: str) -> str:
    return name.removesuffix("_").replace("_", "-")


def _amount(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".")
