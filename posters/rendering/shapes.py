"""Fill, round, frame and shade areas of a picture.

Everything is pasted: composing on layers of the size of the whole canvas would cost more than all
other drawing of a poster.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from posters.rendering.elements import Border, Box, Color, Fill, Radii, Shadow
from posters.rendering.ink import SHADOW_REACH

SMOOTH = 4
"""Corners and polygons are drawn this many times larger, then reduced."""
SQUARE: Radii = (0, 0, 0, 0)
OPAQUE = 255
MOST_PIXELS = 4_000_000
"""The limit for masks drawn larger at first: large shapes are smooth enough with a lower factor."""
LARGE = 300_000
"""Pictures of more pixels are turned with the cheaper filter."""


def filled(fill: Fill, size: tuple[int, int]) -> Image.Image:
    """Return a picture of one colour or of a gradient, with transparency."""
    if len(fill.stops) == 1:
        return Image.new("RGBA", size, fill.stops[0])
    return _radial(fill.stops, size) if fill.is_radial else _linear(fill.stops, fill.angle, size)


def paste(
    canvas: Image.Image, source: Image.Image, box: Box, *, radii: Radii = SQUARE, opacity: float = 1
) -> None:
    """Paste a picture with round corners; without transparency, only its corners need a mask."""
    place = (box.left, box.top)
    if source.mode == "RGBA" and source.getchannel("A").getextrema()[0] == OPAQUE:
        source = source.convert("RGB")
    if source.mode == "RGB" and opacity >= 1:
        _paste_opaque(canvas, source, place, radii)
        return
    mask = rounded_mask(box.size, radii)
    if source.mode == "RGBA":
        mask = ImageChops.multiply(mask, source.getchannel("A"))
    canvas.paste(source.convert("RGB"), place, faded(mask, opacity))


def _paste_opaque(
    canvas: Image.Image, source: Image.Image, place: tuple[int, int], radii: Radii
) -> None:
    width, height = source.size
    head, foot = _bands(radii, height)
    left, top = place
    for first, last in ((0, head), (height - foot, height)):
        if last > first:
            band = source.crop((0, first, width, last))
            mask = rounded_mask(source.size, radii).crop((0, first, width, last))
            canvas.paste(band, (left, top + first), mask)
    if height - foot > head:
        middle = source.crop((0, head, width, height - foot)) if head or foot else source
        canvas.paste(middle, (left, top + head))


def _bands(radii: Radii, height: int) -> tuple[int, int]:
    head = min(height, max(radii[0], radii[1]))
    return head, min(height - head, max(radii[2], radii[3]))


def rounded_mask(size: tuple[int, int], radii: Radii) -> Image.Image:
    """Return a mask of a rectangle with smooth corners."""
    mask = Image.new("L", size, OPAQUE)
    width, height = size
    most = min(width, height) / 2 if len(set(radii)) == 1 else min(width, height)
    for number, radius in enumerate(radii):
        side = math.floor(min(radius, most))
        if side > 0:
            corner = _corner(side).rotate(-90 * number)
            left = 0 if number in {0, 3} else width - side
            top = 0 if number in {0, 1} else height - side
            mask.paste(corner, (left, top))
    return mask


@lru_cache(maxsize=64)
def _corner(radius: int) -> Image.Image:
    """Return the mask of a corner at the top left."""
    side = radius * _smoothing((radius, radius))
    large = Image.new("L", (side, side), 0)
    ImageDraw.Draw(large).ellipse((0, 0, 2 * side - 1, 2 * side - 1), fill=OPAQUE)
    return large.resize((radius, radius), Image.Resampling.BOX)


def _smoothing(size: tuple[int, int]) -> int:
    return max(1, min(SMOOTH, math.isqrt(MOST_PIXELS // (size[0] * size[1]))))


def frame(
    canvas: Image.Image, box: Box, border: Border, *, radii: Radii = SQUARE, opacity: float = 1
) -> None:
    """Draw a border inside a box."""
    ring = rounded_mask(box.size, radii).copy()
    inside = (box.width - 2 * border.width, box.height - 2 * border.width)
    if min(inside) > 0:
        inner = tuple(max(0, radius - border.width) for radius in radii)
        hole = Image.new("L", box.size, 0)
        hole.paste(rounded_mask(inside, inner), (border.width, border.width))  # type: ignore[arg-type]
        ring = ImageChops.subtract(ring, hole)
    paint(canvas, ring, (box.left, box.top), border.color, opacity)


def cast_shadow(
    canvas: Image.Image, box: Box, shadow: Shadow, *, radii: Radii = SQUARE, opacity: float = 1
) -> None:
    """Draw a soft shadow of a box: blurred in small, then enlarged."""
    factor = max(1, math.floor(shadow.blur / 4))
    reach = math.ceil(shadow.blur * SHADOW_REACH)
    area = box.moved(shadow.dx, shadow.dy).grown(reach, reach, reach, reach)
    small = (-(-area.width // factor), -(-area.height // factor))
    inner = (max(1, box.width // factor), max(1, box.height // factor))
    mask = Image.new("L", small, 0)
    scaled = tuple(radius // factor for radius in radii)
    place = ((small[0] - inner[0]) // 2, (small[1] - inner[1]) // 2)
    mask.paste(rounded_mask(inner, scaled), place)  # type: ignore[arg-type]
    mask = mask.filter(ImageFilter.GaussianBlur(shadow.blur / 2 / factor))
    mask = mask.resize(area.size, Image.Resampling.BICUBIC)
    paint(canvas, mask, (area.left, area.top), shadow.color, opacity)


def turned(picture: Image.Image, degrees: int) -> Image.Image:
    """Return a picture turned to the right, in the size that it then needs."""
    # On a transparent page, pasted colours are multiplied by their alpha: that is Pillow's RGBa.
    multiplied = Image.frombytes("RGBa", picture.size, picture.tobytes())
    is_large = picture.width * picture.height > LARGE
    # Texts need the better filter; on photos it costs 100 ms and nobody sees a difference.
    way = Image.Resampling.BILINEAR if is_large else Image.Resampling.BICUBIC
    return multiplied.rotate(-degrees, way, expand=True).convert("RGBA")


def clipped(picture: Image.Image, points: tuple[tuple[float, float], ...]) -> Image.Image:
    """Return the part of a picture inside a polygon; its points are parts of the size."""
    kept = picture.convert("RGBA")
    mask = polygon_mask(kept.size, points)
    kept.putalpha(ImageChops.multiply(kept.getchannel("A"), mask))
    return kept


def polygon_mask(size: tuple[int, int], points: tuple[tuple[float, float], ...]) -> Image.Image:
    """Return the mask of a polygon; its points are parts of the size."""
    factor = _smoothing(size)
    large = (size[0] * factor, size[1] * factor)
    mask = Image.new("L", large, 0)
    corners = [(x * large[0], y * large[1]) for x, y in points]
    ImageDraw.Draw(mask).polygon(corners, fill=OPAQUE)
    return mask.resize(size, Image.Resampling.BOX)


def paint(
    canvas: Image.Image, mask: Image.Image, place: tuple[int, int], color: Color, opacity: float = 1
) -> None:
    """Paint a colour through a mask whose top left corner is at ``place``."""
    visible = faded(mask, opacity * color[3] / OPAQUE)
    canvas.paste(color[:3], (*place, place[0] + mask.width, place[1] + mask.height), visible)


def faded(mask: Image.Image, opacity: float) -> Image.Image:
    """Return a mask weakened by an opacity of 0 to 1."""
    if opacity >= 1:
        return mask
    return mask.point([round(value * opacity) for value in range(256)])


def _linear(stops: tuple[Color, ...], angle: int, size: tuple[int, int]) -> Image.Image:
    width, height = size
    across, down = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
    length = abs(width * across) + abs(height * down)
    steps = max(2, math.ceil(length))
    strip = Image.new("RGBA", (steps + 2, 3))
    colors = [_mixed(stops, step / (steps - 1)) for step in range(steps)]
    strip.putdata([colors[0], *colors, colors[-1]] * 3)
    # A place of the area is projected on the direction, which gives its place on the strip.
    scale = steps / length
    start = (length - width * across - height * down) / 2 * scale + 1
    affine = (across * scale, down * scale, start, 0, 0, 1)
    return strip.transform(size, Image.Transform.AFFINE, affine, resample=Image.Resampling.BILINEAR)


def _radial(stops: tuple[Color, ...], size: tuple[int, int]) -> Image.Image:
    # The last stop is reached at the middle of each edge; the corners have it too.
    distance = Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR)
    colors = [_mixed(stops, value / OPAQUE) for value in range(256)]
    return Image.merge(
        "RGBA", [distance.point([color[channel] for color in colors]) for channel in range(4)]
    )


def _mixed(stops: tuple[Color, ...], place: float) -> Color:
    first = min(math.floor(place * (len(stops) - 1)), len(stops) - 2)
    part = place * (len(stops) - 1) - first
    red, green, blue, alpha = (
        round(one + (other - one) * part)
        for one, other in zip(stops[first], stops[first + 1], strict=True)
    )
    return red, green, blue, alpha
