"""A picture is recognized in another file, size or quality; another screenshot is not."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from incentives.pictures import Picture, is_same, read
from tests.incentives.contests.screenshots import screenshot

pytestmark = pytest.mark.slow


def seen(image: Image.Image, kind: str = "JPEG", **options: Any) -> Picture:
    """Return a picture as it is stored after it was sent in this format."""
    sent, stored = BytesIO(), BytesIO()
    image.save(sent, kind, **options)
    Image.open(sent).convert("RGB").save(stored, "JPEG", quality=85)
    return read(stored)


@pytest.mark.parametrize(
    "again",
    [
        lambda: seen(screenshot(), quality=30),
        lambda: seen(screenshot(), "PNG"),
        lambda: seen(screenshot(), "WEBP", quality=60),
        lambda: seen(screenshot().resize((360, 640)), quality=70),
        lambda: seen(screenshot().resize((1080, 1920)), quality=90),
        lambda: seen(screenshot().crop((1, 1, 719, 1279))),
    ],
    ids=["worse", "png", "webp", "half", "larger", "an edge less"],
)
def test_the_same_picture_is_recognized(again: Callable[[], Picture]) -> None:
    assert is_same(seen(screenshot(), quality=90), again())


@pytest.mark.parametrize(
    "other",
    [
        lambda: seen(screenshot(likes=6)),
        lambda: seen(screenshot("Chen Xiaoyu")),
        lambda: seen(screenshot().transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
        lambda: seen(screenshot().resize((720, 1400))),
        lambda: seen(Image.new("RGB", (720, 1280), "#ededed")),
    ],
    ids=["another like", "another name", "mirrored", "stretched", "blank"],
)
def test_another_screenshot_is_another_picture(other: Callable[[], Picture]) -> None:
    assert not is_same(seen(screenshot()), other())


def test_the_same_pixels_have_the_same_hash() -> None:
    first, second = seen(screenshot(), "PNG"), seen(screenshot(), "PNG", compress_level=1)
    assert first.picture_hash == second.picture_hash
