"""The elements of a template; all lengths are pixels of the drawn poster."""

from __future__ import annotations

from dataclasses import dataclass, replace

from posters.rendering.bindings import Scope

Color = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; the column ``right`` and the row ``bottom`` are outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def grown(self, left: int, top: int, right: int, bottom: int) -> Box:
        return Box(self.left - left, self.top - top, self.right + right, self.bottom + bottom)

    def moved(self, dx: int, dy: int) -> Box:
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def is_inside(self, size: tuple[int, int]) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= size[0] and self.bottom <= size[1]


@dataclass(frozen=True, slots=True)
class Fill:
    """One colour, or a gradient; ``angle`` counts as in CSS: 90 to the right, 180 downwards."""

    stops: tuple[Color, ...]
    angle: int = 180
    is_radial: bool = False


@dataclass(frozen=True, slots=True)
class Border:
    width: int
    color: Color


@dataclass(frozen=True, slots=True)
class Shadow:
    blur: float
    dx: int
    dy: int
    color: Color


Radii = tuple[int, int, int, int]
"""Top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The look of rectangles, polygons, lines, pictures and QR codes; ``points`` are 0 to 1."""

    fill: Fill | None = None
    radii: Radii = (0, 0, 0, 0)
    border: Border | None = None
    shadow: Shadow | None = None
    points: tuple[tuple[float, float], ...] = ()
    dash: tuple[int, int] | None = None
    is_dotted: bool = False
    is_contained: bool = False
    quiet: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """The look of texts, prices and tags."""

    size: float
    min_size: float
    weight: int
    color: Color
    align: str = "left"
    valign: str = "top"
    line_height: float = 0
    max_lines: int = 1
    max_chars: int = 400
    tracking: float = 0
    is_struck: bool = False
    original_size: float = 0
    original_color: Color = (0, 0, 0, 255)
    padding: int = 0
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """``ink`` covers all pixels that the element may change; ``scope`` says what it depends on."""

    id: str
    kind: str
    box: Box
    ink: Box
    z: int
    scope: Scope
    opacity: float
    show_if: str
    hide_if: str
    text: str
    items: tuple[str, ...]
    shape: Shape
    style: Style | None
    turn: int = 0
    """Degrees to the right, around the middle of the box."""

    def upright(self) -> Element:
        """Return the element before it is turned, on a page of its own as large as its ink."""
        box = self.box.moved(-self.ink.left, -self.ink.top)
        return replace(self, box=box, ink=Box(0, 0, *self.ink.size), turn=0)


TEXTUAL = frozenset({"text", "price", "tags"})
"""The types of elements that have a style."""
