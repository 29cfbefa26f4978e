"""Draw product photos in code, so that posters are judged with pictures of every kind.

Shops send light and dark pictures, products on pure white, landscape and portrait formats; a
layout that looks good with one of them may fail with the next.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Color = tuple[int, int, int]
Size = tuple[int, int]
SQUARE: Size = (1080, 1080)


def _mix(one: Color, two: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return red, green, blue


def _gradient(size: Size, stops: Sequence[Color]) -> Image.Image:
    strip = Image.new("RGB", (1, len(stops)))
    strip.putdata(list(stops))
    return strip.resize(size, Image.Resampling.BICUBIC)


def _glow(photo: Image.Image, center: Size, radius: int, color: Color, strength: int) -> None:
    mask = Image.new("L", (64, 64), 0)
    ImageDraw.Draw(mask).ellipse((12, 12, 52, 52), fill=strength)
    mask = mask.filter(ImageFilter.GaussianBlur(9)).resize((radius * 2, radius * 2))
    photo.paste(color, (center[0] - radius, center[1] - radius), mask)


def _shadow(photo: Image.Image, box: tuple[int, int, int, int], strength: int = 120) -> None:
    mask = Image.new("L", (photo.width // 4, photo.height // 4), 0)
    ImageDraw.Draw(mask).ellipse([edge // 4 for edge in box], fill=strength)
    mask = mask.filter(ImageFilter.GaussianBlur(7)).resize(photo.size)
    photo.paste((30, 20, 18), (0, 0), mask)


def _cylinder(
    photo: Image.Image, box: tuple[int, int, int, int], color: Color, radius: int
) -> None:
    left, top, right, bottom = box
    white, black = (255, 255, 255), (0, 0, 0)
    tones = [
        _mix(color, black, 0.45), _mix(color, white, 0.1), _mix(color, white, 0.65), color,
        _mix(color, black, 0.12), _mix(color, black, 0.3), _mix(color, white, 0.15),
        _mix(color, black, 0.5),
    ]  # fmt: skip
    strip = Image.new("RGB", (len(tones), 1))
    strip.putdata(tones)
    body = strip.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    mask = Image.new("L", body.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, body.width, body.height), radius, fill=255)
    photo.paste(body, (left, top), mask)


def _ball(photo: Image.Image, center: Size, radius: int, color: Color) -> None:
    side = radius * 2
    ball = Image.new("RGB", (side, side), _mix(color, (0, 0, 0), 0.4))
    for step in range(24):
        share = step / 24
        edge = radius * (1 - share)
        x, y = radius - radius * 0.28 * share, radius - radius * 0.34 * share
        tone = _mix(_mix(color, (0, 0, 0), 0.4), _mix(color, (255, 255, 255), 0.45), share)
        ImageDraw.Draw(ball).ellipse((x - edge, y - edge, x + edge, y + edge), fill=tone)
    mask = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, side * 2 - 1, side * 2 - 1), fill=255)
    ball = ball.filter(ImageFilter.GaussianBlur(radius / 14))
    photo.paste(ball, (center[0] - radius, center[1] - radius), mask.resize((side, side)))


def _bokeh(photo: Image.Image, color: Color, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - decoration, no secret
    for _ in range(16):
        center = dice.randrange(photo.width), dice.randrange(photo.height * 2 // 3)
        _glow(photo, center, dice.randrange(60, 190), color, dice.randrange(30, 90))


def jar() -> Image.Image:
    photo = _gradient(SQUARE, [(244, 222, 212), (238, 206, 192), (224, 180, 160)])
    _bokeh(photo, (255, 244, 232), 3)
    photo.paste(_gradient((1080, 230), [(220, 176, 150), (196, 146, 118)]), (0, 850))
    _shadow(photo, (330, 860, 860, 990))
    _cylinder(photo, (400, 420, 760, 930), (222, 214, 206), 40)
    _cylinder(photo, (385, 270, 775, 450), (190, 142, 92), 26)
    _shadow(photo, (150, 880, 420, 980), 90)
    _cylinder(photo, (190, 720, 390, 940), (222, 214, 206), 26)
    _cylinder(photo, (180, 640, 400, 740), (190, 142, 92), 18)
    return photo


def speaker() -> Image.Image:
    photo = _gradient((1080, 1440), [(22, 26, 48), (38, 48, 92), (16, 18, 34)])
    _bokeh(photo, (92, 110, 214), 11)
    photo.paste(_gradient((1080, 320), [(44, 48, 70), (14, 15, 26)]), (0, 1120))
    _shadow(photo, (240, 1130, 860, 1300), 220)
    _cylinder(photo, (330, 440, 760, 1220), (36, 38, 48), 90)
    _cylinder(photo, (330, 400, 760, 520), (60, 64, 82), 60)
    ImageDraw.Draw(photo).ellipse((430, 425, 660, 470), outline=(96, 220, 255), width=7)
    _glow(photo, (545, 450), 190, (96, 200, 255), 90)
    return photo


def fruit() -> Image.Image:
    photo = _gradient(SQUARE, [(132, 92, 60), (166, 120, 82), (140, 98, 64)])
    pen = ImageDraw.Draw(photo)
    for x in range(0, 1080, 180):
        pen.line((x, 0, x + 6, 1080), fill=(104, 70, 44), width=5)
    _shadow(photo, (90, 130, 1010, 1040), 200)
    _ball(photo, (540, 540), 450, (236, 232, 224))
    dice = random.Random(5)  # noqa: S311 - decoration, no secret
    colors: list[Color] = [(248, 146, 30), (242, 124, 24), (252, 170, 48), (220, 52, 44)]
    for step in range(34):
        reach = 330 * (1 - step / 40)
        center = round(540 + dice.uniform(-reach, reach)), round(530 + dice.uniform(-reach, reach))
        _ball(photo, center, dice.randrange(84, 124), dice.choice(colors))
    for center in ((380, 330), (720, 420), (560, 700)):
        pen.ellipse((center[0] - 70, center[1] - 26, center[0] + 70, center[1] + 26), fill="#4C8C2B")
    return photo


def bottle() -> Image.Image:
    photo = Image.new("RGB", (800, 800), "white")
    _shadow(photo, (240, 700, 560, 770), 60)
    _cylinder(photo, (290, 260, 510, 740), (96, 168, 128), 40)
    _cylinder(photo, (345, 130, 455, 270), (238, 238, 236), 16)
    ImageDraw.Draw(photo).rectangle((290, 420, 510, 600), fill=(248, 248, 244))
    pen = ImageDraw.Draw(photo)
    for y, width in ((460, 70), (500, 50), (530, 60), (560, 40)):
        pen.line((400 - width, y, 400 + width, y), fill=(60, 110, 84), width=8)
    return photo


def dress() -> Image.Image:
    photo = _gradient((900, 1350), [(226, 218, 208), (236, 230, 222), (198, 184, 170)])
    _glow(photo, (690, 300), 420, (255, 250, 240), 140)
    _shadow(photo, (240, 1180, 700, 1290), 80)
    shape = Image.new("L", photo.size, 0)
    pen = ImageDraw.Draw(shape)
    pen.polygon(
        [(370, 260), (405, 250), (450, 300), (495, 250), (530, 260), (560, 420), (525, 600),
         (720, 1200), (600, 1235), (450, 1245), (300, 1235), (180, 1200), (375, 600), (340, 420)],
        fill=255,
    )  # fmt: skip
    folds = Image.new("RGB", (12, 1))
    deep, light = (120, 38, 46), (186, 78, 82)
    folds.putdata([_mix(deep, light, (step * 5 % 7) / 6) for step in range(12)])
    photo.paste(folds.resize(photo.size, Image.Resampling.BICUBIC), (0, 0), shape)
    ImageDraw.Draw(photo).line((378, 604, 522, 604), fill=(84, 22, 30), width=22)
    ImageDraw.Draw(photo).arc((400, 150, 500, 290), 180, 360, fill=(90, 90, 90), width=7)
    return photo


def bear() -> Image.Image:
    photo = _gradient(SQUARE, [(206, 230, 242), (226, 240, 246), (246, 226, 214)])
    _bokeh(photo, (255, 255, 255), 8)
    _shadow(photo, (260, 900, 830, 1010), 90)
    fur: Color = (204, 150, 100)
    for center, radius in (
        ((400, 300), 84), ((680, 300), 84), ((540, 760), 230), ((330, 720), 96), ((750, 720), 96),
        ((400, 930), 104), ((680, 930), 104), ((540, 430), 220),
    ):  # fmt: skip
        _ball(photo, center, radius, fur)
    _ball(photo, (540, 500), 92, (240, 212, 178))
    for center in ((462, 410), (618, 410), (540, 470)):
        _ball(photo, center, 24, (44, 30, 26))
    return photo


def mountains() -> Image.Image:
    photo = _gradient((1600, 1066), [(58, 96, 158), (240, 176, 140), (252, 220, 170)])
    _glow(photo, (1120, 470), 260, (255, 246, 214), 230)
    dice = random.Random(21)  # noqa: S311 - decoration, no secret
    for layer in range(5):
        tone = _mix((140, 138, 168), (24, 46, 62), layer / 4)
        base = 520 + layer * 110
        points = [(0, 1066), (0, base)]
        for x in range(0, 1601, 100):
            points.append((x, base + dice.randrange(-120 + layer * 14, 60)))
        ImageDraw.Draw(photo).polygon([*points, (1600, 1066)], fill=tone)
    return photo.filter(ImageFilter.GaussianBlur(1.4))


def lamp() -> Image.Image:
    photo = _gradient((1080, 1350), [(206, 196, 182), (222, 212, 198), (190, 176, 158)])
    photo.paste(_gradient((1080, 330), [(168, 128, 92), (128, 92, 62)]), (0, 1020))
    _glow(photo, (540, 520), 620, (255, 232, 180), 220)
    _shadow(photo, (320, 1020, 780, 1120), 120)
    _cylinder(photo, (520, 560, 560, 1060), (120, 92, 66), 10)
    _cylinder(photo, (420, 1030, 660, 1080), (120, 92, 66), 20)
    pen = ImageDraw.Draw(photo)
    pen.polygon([(400, 330), (680, 330), (800, 640), (280, 640)], fill=(255, 244, 216))
    _cylinder(photo, (180, 900, 320, 1070), (92, 132, 108), 30)
    _ball(photo, (250, 820), 110, (88, 136, 84))
    return photo


def books() -> Image.Image:
    photo = _gradient(SQUARE, [(240, 236, 228), (232, 226, 214), (206, 196, 180)])
    _shadow(photo, (180, 850, 920, 990), 110)
    colors: list[Color] = [(36, 74, 132), (214, 92, 60), (236, 186, 74), (60, 128, 116)]
    for step, color in enumerate(colors):
        left, top = 230 + (step * 67) % 90, 800 - step * 120
        edge = _gradient((600, 112), [_mix(color, (255, 255, 255), 0.3), color])
        photo.paste(edge, (left, top))
        ImageDraw.Draw(photo).rectangle((left + 90, top + 40, left + 330, top + 66), fill="#FFF6E4")
    _ball(photo, (560, 360), 84, (206, 48, 50))
    return photo


def noise() -> Image.Image:
    """Return the worst case for text on top of a picture: bright, coloured and busy."""
    small = Image.effect_noise((90, 90), 130)
    bands = [ImageChops.offset(small, step * 17) for step in range(3)]
    return Image.merge("RGB", bands).resize(SQUARE, Image.Resampling.NEAREST)


SCENES: dict[str, Callable[[], Image.Image]] = {
    scene.__name__: scene
    for scene in (
        jar, speaker, fruit, bottle, dress, bear, mountains, lamp, books, noise,
    )
}  # fmt: skip


@cache
def photo(scene: str) -> bytes:
    """Return a scene as the JPEG that the catalog would store."""
    buffer = BytesIO()
    SCENES[scene]().save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


@cache
def avatar() -> bytes:
    """Return a portrait of a customer: a head and shoulders on a light ground."""
    picture = _gradient((200, 200), [(176, 216, 226), (120, 178, 170)])
    pen = ImageDraw.Draw(picture)
    pen.ellipse((46, 24, 154, 160), fill=(60, 40, 36))
    pen.ellipse((22, 140, 178, 290), fill=(232, 100, 92))
    pen.rectangle((84, 120, 116, 160), fill=(244, 204, 178))
    pen.ellipse((62, 46, 138, 140), fill=(250, 214, 188))
    pen.pieslice((56, 30, 144, 110), 180, 360, fill=(60, 40, 36))
    for x in (82, 112):
        pen.ellipse((x, 88, x + 8, 98), fill=(50, 34, 32))
    pen.arc((84, 96, 118, 122), 20, 160, fill=(190, 70, 70), width=4)
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
