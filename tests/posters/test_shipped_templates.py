"""Every shipped template, with everything that shops and people put into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import ImageChops

from posters.rendering import PHONE, SHORT, TALL, PosterData, check, fonts, forget, render
from posters.rendering.bindings import names
from posters.rendering.engine import draw_whole
from posters.rendering.samples import HOSTILE_NAMES
from posters.rendering.splice import encode
from posters.rendering.template import layout
from posters.rendering.text import display_name, shape
from posters.rendering.wrapping import ELLIPSIS, break_lines
from tests.posters.samples import (
    CODES,
    LINK,
    bare,
    document,
    longest,
    normal,
    without_original,
    without_price,
)
from tests.posters.shipped import collisions, pixels, read_at, read_at_half, template

pytestmark = pytest.mark.slow

SIZES = (TALL, SHORT, PHONE)
SCALES = (100, 50, 30)
PRODUCTS = [code for code in CODES if document(code)["kind"] == "product"]
MISSING = "\U0010ffff"
"""A character that no font has: what is drawn for it, if anything, nobody should see."""

each_template = pytest.mark.parametrize("code", CODES)
each_size = pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)


@pytest.fixture(autouse=True, scope="module")
def _no_layers_left() -> Iterator[None]:
    yield
    forget()


def cases(code: str) -> list[PosterData]:
    data = normal(code)
    return [data, without_price(data)] if data.product else [data]


@each_size
@each_template
def test_every_name_with_and_without_price(code: str, size: tuple[int, int]) -> None:
    unread = []
    for data in cases(code):
        for name in HOSTILE_NAMES:
            named = replace(data, user=replace(data.user, nickname=name))
            drawn = render(template(code), named, size=size)
            if not drawn.is_qr_readable or read_at_half(drawn.content) != LINK:
                unread.append(name)

    assert unread == []


@each_size
@each_template
def test_the_code_is_read_at_every_scale_and_from_a_chat(code: str, size: tuple[int, int]) -> None:
    unread = []
    for data in (*cases(code), longest(normal(code))):
        poster = pixels(render(template(code), data, size=size).content)
        unread += [
            (percent, in_chat)
            for percent in SCALES
            for in_chat in (False, True)
            if read_at(poster, percent, in_chat=in_chat) != LINK
        ]

    assert unread == []


@each_size
@each_template
def test_spliced_posters_equal_whole_ones(code: str, size: tuple[int, int]) -> None:
    for data in (normal(code), longest(normal(code)), bare(normal(code))):
        spliced = pixels(render(template(code), data, size=size).content)
        whole = pixels(encode(draw_whole(layout(template(code), size), data)))

        assert ImageChops.difference(spliced, whole).getbbox() is None


@each_template
def test_a_template_passes_its_own_publish_check(code: str) -> None:
    assert check(template(code), normal(code)) == []


@pytest.mark.parametrize("code", PRODUCTS)
def test_texts_stay_readable_on_a_product_on_white(code: str) -> None:
    problems = check(template(code), without_original(normal(code, "bottle")))

    assert [problem.message for problem in problems] == []


@each_size
@each_template
def test_texts_never_run_into_each_other(code: str, size: tuple[int, int]) -> None:
    data = normal(code)
    drawn = layout(template(code), size)

    assert collisions(drawn, data) == []
    assert collisions(drawn, longest(data)) == []


@each_size
@each_template
def test_the_own_words_of_a_template_are_not_cut(code: str, size: tuple[int, int]) -> None:
    cut = []
    for element in layout(template(code), size).elements:
        if element.kind == "text" and not names(element.text) and element.style:
            clusters = shape(element.text, limit=element.style.max_chars)
            lines = break_lines(clusters, element.style, element.box.width).lines
            if lines[-1][-1] == ELLIPSIS:
                cut.append(element.text)

    assert cut == []


@pytest.mark.parametrize("weight", [400, 700, None], ids=["regular", "bold", "emoji"])
def test_every_character_has_a_glyph(weight: int | None) -> None:
    font = "text" if weight else "emoji"
    face = fonts.face(weight, 60) if weight else fonts.emoji_face(60)
    texts = [row.get("text", "") for code in CODES for row in document(code)["elements"]]
    texts += [display_name(name) for name in HOSTILE_NAMES]
    written = {cluster for text in texts for cluster in shape(text, limit=200)}
    missing = (b"", bytes(face.getmask(MISSING)))

    assert [
        cluster.text
        for cluster in written
        if cluster.font == font and cluster.text != " "
        if bytes(face.getmask(cluster.text)) in missing
    ] == []
