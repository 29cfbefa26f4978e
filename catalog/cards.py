"""Cut pictures to the shapes of WeChat's cards, before anybody shares them."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from members.pictures import QUALITY, WHITE

CHAT, SQUARE = (750, 600), (600, 600)
"""5:4 in a chat and 1:1 in Moments, as WeChat shows them."""
MAX_LOSS = 2.0
"""A picture whose sides differ more is shown whole, on white, instead of cut."""
CENTER = (0.5, 0.45)  # the subject of a picture is seldom in its lower half


def cut_card(content: bytes, size: tuple[int, int]) -> bytes:
    """Return a JPEG of exactly this size from one of our own JPEGs."""
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        card = _fitted(image.convert("RGB"), size)
    target = BytesIO()
    card.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    shape = (image.width / image.height) / (size[0] / size[1])
    if max(shape, 1 / shape) > MAX_LOSS:
        return ImageOps.pad(image, size, Image.Resampling.LANCZOS, color=WHITE)
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=CENTER)
