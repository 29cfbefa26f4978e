"""The shipped templates as a set, and two of them drawn."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from posters.rendering import PHONE, SHORT, TALL, parse, render
from posters.rendering.template import layout
from tests.posters.samples import CODES, LINK, document, longest, normal, without_price
from tests.posters.shipped import collisions, read_at_half, template

FORBIDDEN = re.compile(
    r"最(?!近)|第一|唯一|顶级|极品|绝对|永久|万能|首选|国家级|世界级|特供|驰名|100%|零风险|稳赚|躺赚"
)
"""Claims that the law on advertising forbids (Advertising Law of China, article 9)."""


def test_every_kind_and_a_dozen_industries_have_a_template() -> None:
    documents = [document(code) for code in CODES]
    kinds = Counter(read["kind"] for read in documents)
    industries = {read["industry"] for read in documents if read["kind"] == "product"}

    assert kinds["product"] >= 12
    assert kinds["home"] == kinds["recruit"] == 2
    assert len(industries) >= 12
    assert len({read["name"] for read in documents}) == len(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_template_has_all_sizes_and_its_ad_mark(code: str) -> None:
    parsed = template(code)

    assert set(parsed.sizes) == {TALL, SHORT, PHONE}
    assert "{{shop.ad}}" in [row.get("text") for row in parsed.document["elements"]]


@pytest.mark.parametrize("code", CODES)
def test_no_text_of_a_template_claims_what_the_law_forbids(code: str) -> None:
    texts = [row.get("text", "") for row in document(code)["elements"]]

    assert [text for text in texts if FORBIDDEN.search(text)] == []


def test_a_product_poster_is_drawn() -> None:
    for data in (normal("beauty_blush"), without_price(normal("beauty_blush"))):
        drawn = render(template("beauty_blush"), data)

        assert (drawn.width, drawn.height) == TALL
        assert drawn.is_qr_readable
        assert read_at_half(drawn.content) == LINK


def test_a_poster_without_product_is_drawn() -> None:
    for data in (normal("recruit_steps"), longest(normal("recruit_steps"))):
        drawn = render(template("recruit_steps"), data, size=PHONE)

        assert (drawn.width, drawn.height) == PHONE
        assert read_at_half(drawn.content) == LINK


def test_texts_that_run_into_each_other_are_found() -> None:
    moved = document("beauty_blush")
    title = next(row for row in moved["elements"] if row["id"] == "title")
    title["y"] -= 80

    assert collisions(layout(parse(moved)), normal("beauty_blush")) == [
        "price and title", "badge and title",
    ]  # fmt: skip
