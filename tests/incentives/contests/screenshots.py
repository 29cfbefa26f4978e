"""Screenshots of posts, as members hand them in."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def screenshot(
    name: str = "Lan", likes: int = 5, size: tuple[int, int] = (720, 1280)
) -> Image.Image:
    """Return the screenshot of a post: bars, a photo, and below it who liked it."""
    image = Image.new("RGB", (720, 1280), "#ededed")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 720, 90), fill="#2e2e2e")
    draw.rectangle((40, 140, 440, 540), fill="#7fb2a0")
    draw.ellipse((120, 220, 360, 460), fill="#d98c5f")
    draw.text((40, 100), name, fill="black", font_size=34)
    for place in range(likes):
        draw.rectangle((40 + 90 * place, 600, 110 + 90 * place, 670), fill="#4a6fa5")
    return image


def jpeg(image: Image.Image, quality: int) -> bytes:
    target = BytesIO()
    image.save(target, "JPEG", quality=quality)
    return target.getvalue()
