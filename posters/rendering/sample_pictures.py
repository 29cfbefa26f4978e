"""Draw the sample pictures: a jar on a table in soft light, and a face. Nothing is downloaded."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from posters.rendering import fonts, shapes
from posters.rendering.elements import Box, Color, Fill, Shadow

SIDE = 1080
Stops = tuple[Color, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of the wall, the table, the body of the jar and its lid; and its label."""

    wall: Stops
    table: Stops
    body: Stops
    lid: Stops
    label: str
    ink: str = "785234"


def _stops(*codes: str) -> Stops:
    return tuple((*bytes.fromhex(code), 255) for code in codes)


_SILVER = _stops("8f857c", "f6f1ec", "d9d0c8", "b5aaa1", "857b72")
_GOLD = _stops("7a5a2e", "d9b878", "b98f4e", "8d6a35", "5f441f")
_AMBER = _stops("3d1a0a", "8a4a22", "5d2a10", "431c09", "2a1005")
_BLACK = _stops("0b0c12", "4a4e5c", "20222b", "14151c", "07080c")
_CREAM = _stops("c9bda8", "fffaf0", "efe6d6", "d8ccb8", "b3a68f")
_GREEN = _stops("1f4a36", "6fa385", "3c7657", "2a5a42", "173b2a")
_RED = _stops("5f0d0d", "d8453b", "a8201c", "7f1513", "4d0909")
_BLUE = _stops("2e5578", "a9d0ea", "6fa3c7", "4d80a6", "2a4d6c")
_WOOD = _stops("6f4a2c", "c79a6b", "a3764a", "845a35", "5c3c20")

LOOKS: Mapping[str, Look] = {
    "beauty": Look(
        _stops("f0dcd2", "e3c4b6"), _stops("d9b79f", "b98f74"), _SILVER, _GOLD, "AURELIA",
    ),
    "food": Look(
        _stops("c9a266", "8f6a38"), _stops("d9bd92", "a67f4d"), _AMBER, _GOLD,
        "山野百花蜜", "f5e6c8",
    ),
    "baby": Look(
        _stops("dcebf5", "bcd7ea"), _stops("f4e9dc", "dcc9b2"), _CREAM, _BLUE, "云朵宝贝", "4e7696",
    ),
    "fashion": Look(
        _stops("e6e0d8", "c8bdb0"), _stops("bfae9a", "988470"), _BLACK, _SILVER, "MAISON", "e8decd",
    ),
    "digital": Look(
        _stops("232a4d", "0d1024"), _stops("2b3150", "10132a"), _BLACK, _BLACK,
        "NOVA ONE", "e4e8f5",
    ),
    "education": Look(
        _stops("ffe7b8", "f7c978"), _stops("f2b766", "d8923f"), _BLUE, _CREAM, "启蒙英语", "fffaf0",
    ),
    "home": Look(
        _stops("e8e4db", "cfc8ba"), _stops("c7a67e", "9c7850"), _WOOD, _CREAM, "北欧原木", "faf0e1",
    ),
    "health": Look(
        _stops("dfe9d8", "b9cfae"), _stops("cdb892", "a48a5e"), _GREEN, _GOLD, "五谷养生", "f0f5e1",
    ),
    "festival": Look(
        _stops("b3261f", "6f0f0d"), _stops("d9a955", "9c6e27"), _RED, _GOLD, "年货礼盒", "ffe2a0",
    ),
}  # fmt: skip
PLAIN = Look(_stops("ecebe8", "d3d1cc"), _stops("c9c6bf", "a9a59c"), _CREAM, _SILVER, "OBJET")


@lru_cache(maxsize=16)
def product_picture(industry: str = "") -> bytes:
    """Return a JPEG of 1080 pixels, always the same for an industry."""
    look = LOOKS.get(industry, PLAIN)
    picture = shapes.filled(Fill(look.wall, 180), (SIDE, SIDE)).convert("RGB")
    _lights(picture)
    _table(picture, look)
    _jar(picture, Box(110, 620, 350, 930), look, label="")
    _jar(picture, Box(330, 230, 730, 950), look, label=look.label)
    return _jpeg(picture)


@lru_cache(maxsize=1)
def avatar() -> bytes:
    """Return a JPEG of a face."""
    side = 240
    large = Image.new("RGB", (side * 2, side * 2), (150, 200, 226))
    pen = ImageDraw.Draw(large)
    pen.rectangle((0, 330, 480, 480), fill=(236, 190, 150))
    pen.ellipse((112, 60, 368, 380), fill=(58, 38, 34))
    pen.rectangle((112, 220, 368, 420), fill=(58, 38, 34))
    pen.ellipse((60, 390, 420, 640), fill=(226, 84, 92))
    pen.rectangle((205, 330, 275, 420), fill=(240, 200, 172))
    pen.ellipse((142, 130, 338, 366), fill=(250, 218, 192))
    pen.chord((130, 80, 350, 260), 180, 360, fill=(58, 38, 34))
    for left in (190, 272):
        pen.ellipse((left, 246, left + 20, 270), fill=(48, 34, 32))
        pen.ellipse((left - 22, 288, left + 14, 308), fill=(248, 186, 168))
    pen.arc((212, 280, 268, 326), 20, 160, fill=(196, 74, 74), width=7)
    return _jpeg(large.resize((side, side), Image.Resampling.LANCZOS))


def _lights(picture: Image.Image) -> None:
    """Lay blurred spots of light on the wall."""
    chance = random.Random(7)  # noqa: S311 - decoration
    glow = Image.new("L", (SIDE // 4, SIDE // 4), 0)
    pen = ImageDraw.Draw(glow)
    for _ in range(26):
        x, y, radius = chance.randrange(270), chance.randrange(180), chance.randrange(8, 34)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=chance.randrange(20, 80))
    soft = glow.filter(ImageFilter.GaussianBlur(3)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    shapes.paint(picture, soft, (0, 0), (255, 248, 236, 255))


def _table(picture: Image.Image, look: Look) -> None:
    top = shapes.filled(Fill(look.table, 180), (SIDE, 260)).convert("RGB")
    picture.paste(top, (0, SIDE - 260))
    edge = Image.new("L", (SIDE, 60), 0)
    edge.paste(70, (0, 26, SIDE, 34))
    shapes.paint(picture, edge.filter(ImageFilter.GaussianBlur(9)), (0, SIDE - 290), (0, 0, 0, 255))


def _jar(picture: Image.Image, box: Box, look: Look, *, label: str) -> None:
    lid_height = box.height * 26 // 100
    body = Box(box.left + 14, box.top + lid_height - 6, box.right - 14, box.bottom)
    lid = Box(box.left, box.top, box.right, box.top + lid_height)
    ground = Box(box.left - 10, box.bottom - 40, box.right + 60, box.bottom + 14)
    shapes.cast_shadow(picture, ground, Shadow(46, 24, 10, (30, 15, 8, 190)), radii=(27,) * 4)
    _cylinder(picture, body, look.body, (10, 10, 34, 34))
    _cylinder(picture, lid, look.lid, (22, 22, 8, 8))
    _ridges(picture, lid)
    if label:
        _write(picture, label, (box.left + box.right) // 2, body.top + body.height // 2, look.ink)


def _cylinder(
    picture: Image.Image, box: Box, stops: Stops, radii: tuple[int, int, int, int]
) -> None:
    shapes.paste(picture, shapes.filled(Fill(stops, 90), box.size), box, radii=radii)
    shade = Fill(((0, 0, 0, 0), (0, 0, 0, 70)), 180)
    shapes.paste(picture, shapes.filled(shade, box.size), box, radii=radii)


def _ridges(picture: Image.Image, lid: Box) -> None:
    lines = Image.new("L", lid.size, 0)
    pen = ImageDraw.Draw(lines)
    for left in range(8, lid.width - 6, 9):
        pen.line((left, 22, left, lid.height - 6), fill=56, width=2)
    shapes.paint(picture, lines, (lid.left, lid.top), (30, 18, 6, 255))


def _write(picture: Image.Image, label: str, middle: int, top: int, ink: str) -> None:
    color = f"#{ink}"
    pen = ImageDraw.Draw(picture)
    pen.text((middle, top), label, fill=color, font=fonts.face(700, 52), anchor="mm")
    pen.line((middle - 110, top + 48, middle + 110, top + 48), fill=color, width=2)
    small = fonts.face(400, 20)
    pen.text((middle, top + 72), "SELECTED · QUALITY", fill=color, font=small, anchor="mm")


def _jpeg(picture: Image.Image) -> bytes:
    target = BytesIO()
    picture.save(target, "JPEG", quality=90)
    return target.getvalue()
