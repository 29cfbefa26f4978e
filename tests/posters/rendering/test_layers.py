"""Layers: they never change what is seen, wherever a template places its elements."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest

from posters.rendering import parse, render, samples
from posters.rendering.layers import plan
from posters.rendering.template import layout
from tests.posters.rendering.example import DOCUMENT, changed
from tests.posters.rendering.shots import difference, pixels, whole

NORMAL = samples.normal("product", "beauty")


def layers(source: dict[str, Any]) -> dict[str, list[str]]:
    planned = plan(parse(source))
    return {
        "const": [row.id for row in planned.const],
        "product": [row.id for row in planned.product],
        "user": sorted({row.id for band in planned.bands for row in band.elements}),
    }


def test_an_element_is_in_the_layer_of_its_values() -> None:
    found = layers(DOCUMENT)

    assert found["user"] == ["avatar", "line", "nick", "qr"]
    assert found["product"] == ["photo", "price", "badge", "title", "tags"]
    assert {"card", "cta", "footer", "ad-mark"} <= set(found["const"])


def test_what_lies_over_a_person_is_drawn_for_each() -> None:
    veil = {"x": 200, "y": 70, "w": 300, "h": 80, "fill": "#FFFFFF80", "radius": 0, "z": 5}

    assert "blob" in layers(changed("blob", **veil))["user"]
    assert "blob" in layers(changed("blob", **{**veil, "z": -5}))["const"]


def test_a_polygon_counts_as_what_it_covers() -> None:
    source = changed("corner", x=0, y=60, w=212, h=500, z=5, points=[[0, 0.4], [1, 1], [0, 1]])

    assert "corner" not in layers(source)["user"]


def test_a_shadow_reaches_over_its_box() -> None:
    near = changed("card", y=206, h=1610, z=1)

    assert "card" in layers(near)["user"]


def test_bands_are_whole_rows_of_blocks_inside_the_poster() -> None:
    template = parse(DOCUMENT)
    for size in template.sizes:
        height = layout(template, size).size[1]
        for band in plan(template, size).bands:
            assert band.top % 16 == 0
            assert band.bottom % 16 == 0 or band.bottom == height
            assert band.bottom <= height


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_elements_gives_the_pixels_of_drawing_them_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    source = deepcopy(DOCUMENT)
    for row in source["elements"]:
        row["z"] = chance.randrange(-3, 4)
        if row["type"] in {"rect", "text", "image"} and chance.random() < 0.4:
            row["rotate"] = chance.randrange(-9, 10)
        if row["type"] in {"rect", "polygon"}:
            row["x"] += chance.randrange(-300, 300)
            row["y"] += chance.randrange(-100, 200)
    [code] = [row for row in source["elements"] if row["type"] == "qrcode"]
    code["z"] = 50
    template = parse(source)

    for size in template.sizes:
        poster = render(template, NORMAL, size=size)
        assert poster.is_qr_readable
        assert difference(pixels(poster.content), whole(template, NORMAL, size)) is None
