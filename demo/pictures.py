"""Draw the pictures of the demo's products: shapes on a soft ground, without any file of others."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

EDGE = 1_080
SCALE = 2  # drawn larger and reduced, so that edges are smooth
SIDE = EDGE * SCALE
SHADOW = (60, 40, 40, 70)
QUALITY = 90
Draw = ImageDraw.ImageDraw
Color = tuple[int, int, int]


def draw_picture(name: str) -> bytes:
    """Return the picture of a product as a JPEG.

    :param name: a key of ``MOTIFS``
    """
    (top, bottom), motif = MOTIFS[name]
    canvas = _ground(top, bottom)
    drawn = Image.new("RGBA", (SIDE, SIDE))
    motif(ImageDraw.Draw(drawn))
    shapes = drawn.reduce(SCALE)
    shadow = _shadow(shapes)
    canvas.paste(shadow, (0, EDGE // 36), shadow)
    canvas.paste(shapes, mask=shapes)
    target = BytesIO()
    canvas.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def _ground(top: Color, bottom: Color) -> Image.Image:
    """Return a surface whose color changes from the top to the bottom, lighter in the middle."""
    fade = Image.linear_gradient("L").resize((EDGE, EDGE))
    ground = Image.composite(
        Image.new("RGB", (EDGE, EDGE), bottom), Image.new("RGB", (EDGE, EDGE), top), fade
    )
    light = Image.radial_gradient("L").resize((EDGE, EDGE)).point(lambda value: (255 - value) // 3)
    ground.paste(Image.new("RGB", (EDGE, EDGE), "white"), mask=light)
    return ground


def _shadow(shapes: Image.Image) -> Image.Image:
    small = shapes.getchannel("A").resize((EDGE // 4, EDGE // 4))
    soft = small.filter(ImageFilter.GaussianBlur(9)).resize((EDGE, EDGE))
    shadow = Image.new("RGBA", (EDGE, EDGE), SHADOW[:3])
    shadow.putalpha(soft.point(lambda value: value * SHADOW[3] // 255))
    return shadow


def _at(*places: float) -> list[float]:
    """Return places, given in hundredths of the edge, in pixels."""
    return [place * SIDE / 100 for place in places]


def _circle(draw: Draw, x: float, y: float, r: float, fill: str) -> None:
    draw.ellipse(_at(x - r, y - r, x + r, y + r), fill)


def _drop(draw: Draw, x: float, y: float, r: float, fill: str) -> None:
    _circle(draw, x, y, r, fill)
    draw.polygon(_at(x, y - 2.1 * r, x - 0.92 * r, y - 0.4 * r, x + 0.92 * r, y - 0.4 * r), fill)


def _box(draw: Draw, edges: tuple[float, float, float, float], r: float, fill: str) -> None:
    draw.rounded_rectangle(_at(*edges), r * SIDE / 100, fill)


def _mask(draw: Draw) -> None:
    _box(draw, (22, 18, 58, 80), 3, "#F48FA6")
    _box(draw, (22, 18, 58, 25), 3, "#E5718C")
    _drop(draw, 40, 52, 8, "#FFF3F5")
    _box(draw, (31, 66, 49, 68), 1, "#FFD9E0")
    _box(draw, (34, 71, 46, 72.6), 0.8, "#FFD9E0")
    draw.ellipse(_at(50, 34, 84, 82), "#FFFFFF")
    for x in (60, 74):
        draw.ellipse(_at(x - 4.2, 50, x + 4.2, 54), "#FBD5DC")
    draw.ellipse(_at(62, 67, 72, 70.5), "#FBD5DC")
    draw.line(_at(67, 55, 67, 62), "#F3E3E6", SIDE // 90)


def _cleanser(draw: Draw) -> None:
    draw.polygon(_at(34, 16, 66, 16, 62, 70, 38, 70), "#FFFFFF")
    _box(draw, (33, 13, 67, 18), 1, "#E3F4EF")
    _box(draw, (40, 69, 60, 84), 2, "#3FA88B")
    draw.ellipse(_at(41, 32, 59, 50), "#BFE8DB")
    draw.pieslice(_at(43, 34, 57, 48), 200, 380, "#3FA88B")
    _box(draw, (43, 54, 57, 56), 1, "#9BD6C4")
    _box(draw, (45, 59, 55, 60.6), 0.8, "#CBEBE1")
    for x, y, r in ((20, 66, 6), (27, 77, 4), (78, 60, 7), (84, 74, 4), (73, 78, 3)):
        _circle(draw, x, y, r, "#F4FFFB")
        _circle(draw, x - r * 0.3, y - r * 0.3, r * 0.25, "#BFE8DB")


def _peach(draw: Draw) -> None:
    for x, y, r in ((34, 58, 21), (68, 60, 19), (50, 42, 20)):
        _circle(draw, x, y, r, "#FF9F8A")
        _circle(draw, x - r * 0.12, y - r * 0.1, r * 0.84, "#FFB59F")
        _circle(draw, x - r * 0.3, y - r * 0.28, r * 0.45, "#FFD0BD")
        draw.arc(_at(x - r * 0.2, y - r, x + r * 1.1, y + r), 110, 250, "#F0806C", SIDE // 130)
    draw.line(_at(50, 23, 52, 16), "#8A5A3B", SIDE // 70)
    draw.ellipse(_at(52, 10, 71, 19), "#86C983")
    draw.line(_at(53, 15, 68, 14), "#5FA85D", SIDE // 180)


def _nougat(draw: Draw) -> None:
    for x, y, fill, edge in (
        (50, 28, "#C98A5B", "#A86B3F"), (30, 52, "#F3DFC1", "#D9B98C"),
        (68, 54, "#E8B4A0", "#C98870"), (48, 76, "#F7EBD5", "#DCC29A"),
    ):  # fmt: skip
        for side in (-1, 1):
            tip = x + side * 25
            draw.polygon(_at(x + side * 12, y, tip, y - 8, tip - side * 3, y, tip, y + 8), edge)
        _box(draw, (x - 15, y - 9, x + 15, y + 9), 3, fill)
        for stripe in (-7, 1, 9):
            draw.line(_at(x + stripe - 3, y + 8, x + stripe + 2, y - 8), edge, SIDE // 160)


def _course(draw: Draw) -> None:
    _box(draw, (18, 22, 82, 68), 3, "#24324A")
    _box(draw, (21, 25, 79, 65), 1.5, "#F5F8FF")
    blue, gold = "#6C8CFF", "#FFB14A"
    for left, height, color in ((27, 8, blue), (33, 13, blue), (39, 11, blue), (45, 19, blue),
                                (51, 25, gold)):  # fmt: skip
        _box(draw, (left, 60 - height, left + 4.4, 60), 0.8, color)
    _circle(draw, 68, 43, 8, "#FF6B57")
    draw.polygon(_at(65.6, 38.6, 65.6, 47.4, 73, 43), "#FFFFFF")
    draw.polygon(_at(10, 68, 90, 68, 84, 76, 16, 76), "#D7DDEA")
    _box(draw, (42, 68, 58, 70.5), 1, "#B6BFD3")


MOTIFS: dict[str, tuple[tuple[Color, Color], Callable[[Draw], None]]] = {
    "mask": (((255, 236, 240), (250, 200, 212)), _mask),
    "cleanser": (((232, 248, 243), (178, 223, 210)), _cleanser),
    "peach": (((255, 246, 230), (255, 214, 178)), _peach),
    "nougat": (((253, 245, 232), (236, 211, 176)), _nougat),
    "course": (((234, 240, 255), (180, 198, 245)), _course),
}
