"""QR codes: whole pixels, a quiet zone, and read again by another library."""

from __future__ import annotations

import pytest
from PIL import Image

from posters.rendering import decode, qr

LINK = "https://m.example.com/s/8f3k2d9xAb"
LONGEST = "https://mall.example.com.cn/s/" + "8f3k2d9xAb12"


def test_the_longest_link_fits_into_version_3() -> None:
    assert len(LONGEST.encode()) == qr.MAX_LINK_BYTES
    assert qr.matrix(LONGEST).size == (29, 29)
    assert qr.matrix(LONGEST + "3").width == 33


@pytest.mark.parametrize(
    "link", [LINK, LONGEST, "https://a.cn/s/中文", "https://a.cn/" + "x" * 200]
)
def test_what_is_drawn_is_read(link: str) -> None:
    assert qr.read(qr.draw(link, box=400, quiet=2)) == link


def test_modules_are_whole_pixels_with_light_around_them() -> None:
    picture = qr.draw(LINK, box=264, quiet=2)
    left, top, right, bottom = Image.eval(picture, lambda value: 255 - value).getbbox() or (0,) * 4

    assert picture.getextrema() == (0, 255)
    assert {count for count, value in picture.getcolors() or () if 0 < value < 255} == set()
    assert right - left == bottom - top == 29 * 8
    assert min(left, top, 264 - right, 264 - bottom) >= 2 * 8


def test_the_smallest_box_of_a_template_has_modules_of_8_pixels() -> None:
    assert qr.module_pixels(264, 29, 2) == 8


def test_a_link_too_long_for_its_box_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        qr.draw("x" * 300, box=60, quiet=2)


def test_a_picture_without_a_code_has_none() -> None:
    assert qr.read(Image.new("RGB", (300, 300), "white")) is None


def test_decode_reads_jpegs_only() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        decode(b"\x89PNG\r\n\x1a\n")
