"""The demo draws the pictures of its products."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from demo.goods import PRODUCTS_BY_CATEGORY
from demo.pictures import EDGE, MOTIFS, draw_picture


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_is_a_square_jpeg_of_many_colors(name: str) -> None:
    with Image.open(BytesIO(draw_picture(name))) as image:
        assert (image.format, image.size) == ("JPEG", (EDGE, EDGE))
        assert len(image.reduce(8).getcolors(100_000) or []) > 500


def test_every_product_has_its_own() -> None:
    used = [row[-1] for products in PRODUCTS_BY_CATEGORY.values() for row in products]
    assert sorted(used) == sorted(MOTIFS)
