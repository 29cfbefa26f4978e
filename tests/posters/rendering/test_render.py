"""Posters: what is drawn where, and what happens without a value."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from posters.rendering import (
    ShareData,
    decode,
    engine,
    forget,
    parse,
    prepare,
    render,
    samples,
)
from posters.rendering.data import PosterData, price_text
from posters.rendering.elements import Box
from posters.rendering.template import layout
from tests.posters.rendering.example import DOCUMENT, changed
from tests.posters.rendering.shots import difference, drawn, pixels

TEMPLATE = parse(DOCUMENT)
NORMAL = samples.normal("product", "beauty")


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    forget()
    yield
    forget()


def place(name: str) -> Box:
    [element] = [row for row in layout(TEMPLATE).elements if row.id == name]
    return element.box


def changes(one: PosterData, other: PosterData) -> tuple[int, int, int, int] | None:
    return difference(pixels(drawn(TEMPLATE, one).content), pixels(drawn(TEMPLATE, other).content))


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 60), kind: str = "PNG") -> bytes:
    target = BytesIO()
    Image.new(mode, size, "red").save(target, kind)
    return target.getvalue()


def test_the_code_leads_to_the_link() -> None:
    poster = drawn(TEMPLATE, NORMAL)

    assert poster.qr_text == samples.LINK
    assert decode(poster.content) == samples.LINK


def test_the_same_data_give_the_same_bytes() -> None:
    first = render(TEMPLATE, NORMAL).content
    forget()

    assert render(TEMPLATE, NORMAL).content == first


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (19900, "199"),
        (6880, "68.80"),
        (5, "0.05"),
        (0, "0"),
        (1234567, "12345.67"),
        (None, ""),
        (-1, ""),
    ],
)
def test_a_price_as_posters_show_it(fen: int | None, text: str) -> None:
    assert price_text(fen) == text


def test_a_person_changes_only_their_bands() -> None:
    other = replace(NORMAL, user=replace(NORMAL.user, nickname="阿宝"))
    area = changes(NORMAL, other)

    assert area is not None
    assert place("nick").top - 16 <= area[1]
    assert area[3] <= place("nick").bottom + 16


@pytest.mark.parametrize("name", ["price", "title", "photo", "badge", "tags"])
def test_a_product_without_a_value_still_has_a_poster(name: str) -> None:
    empty = {
        "price": {"price_fen": None, "strike_fen": None}, "title": {"title": ""},
        "photo": {"picture": None, "picture_key": ""}, "badge": {"badge": ""}, "tags": {"tags": ()},
    }[name]  # fmt: skip
    assert NORMAL.product is not None
    area = changes(NORMAL, replace(NORMAL, product=replace(NORMAL.product, **empty)))

    assert area is not None
    assert area[1] >= place(name).top - 16
    assert area[3] <= place(name).bottom + 16


def test_a_poster_without_product_avatar_shop_and_name_is_drawn() -> None:
    assert drawn(TEMPLATE, PosterData(share=ShareData(link=samples.LINK)))


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"GIF89a", picture()[:40], picture(kind="GIF")]
)
def test_a_picture_that_cannot_be_read_counts_as_none(content: bytes) -> None:
    assert NORMAL.product is not None
    broken = replace(
        NORMAL,
        product=replace(NORMAL.product, picture=content, picture_key="broken"),
        user=replace(NORMAL.user, avatar=content, avatar_key="broken"),
    )
    missing = replace(
        NORMAL,
        product=replace(NORMAL.product, picture=None, picture_key=""),
        user=replace(NORMAL.user, avatar=None, avatar_key=""),
    )

    assert changes(broken, missing) is None


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    bomb = picture("L", (6000, 5000))
    data = replace(NORMAL, user=replace(NORMAL.user, avatar=bomb, avatar_key="bomb"))

    assert changes(data, replace(NORMAL, user=replace(NORMAL.user, avatar=None))) is None


def test_transparent_pictures_are_drawn() -> None:
    data = replace(NORMAL, user=replace(NORMAL.user, avatar=picture("RGBA"), avatar_key="clear"))

    assert drawn(TEMPLATE, data)


def test_the_mark_of_advertising_is_drawn_unless_it_is_off() -> None:
    area = changes(NORMAL, replace(NORMAL, shop=replace(NORMAL.shop, is_ad=False)))

    assert area is not None
    assert area[0] >= 960
    assert area[3] <= 80


def test_a_template_may_place_the_mark_itself() -> None:
    placed = parse(changed("footer", text="{{shop.footer}} {{shop.ad}}"))

    assert "ad-mark" not in {row.id for row in layout(placed).elements}


def test_a_mini_program_code_takes_the_place_of_the_link() -> None:
    share = replace(NORMAL.share, code_picture=picture(size=(430, 430)))
    poster = render(TEMPLATE, replace(NORMAL, share=share))
    box = place("qr")
    middle = ((box.left + box.right) // 2, (box.top + box.bottom) // 2)

    assert (poster.is_qr_readable, poster.qr_text) == (True, "")
    assert decode(poster.content) is None
    red, green, blue = pixels(poster.content).getpixel(middle)  # type: ignore[misc]
    assert red > 240
    assert max(green, blue) < 20


def test_a_mini_program_code_that_cannot_be_read_leaves_the_link() -> None:
    share = replace(NORMAL.share, code_picture=b'{"errcode": 45009}')

    assert drawn(TEMPLATE, replace(NORMAL, share=share)).qr_text == samples.LINK


def test_a_code_under_something_is_reported() -> None:
    source = changed("blob", x=732, y=1530, w=264, h=264, z=9, fill="#FFFFFF", radius=0)
    poster = render(parse(source), NORMAL)

    assert not poster.is_qr_readable
    assert poster.qr_text == ""


def test_show_if_and_hide_if_follow_the_value() -> None:
    only = changed("footer", hide_if="{{product.price}}")
    never = changed("footer", visible=False)
    with_price = [pixels(render(parse(source), NORMAL).content) for source in (only, never)]
    without = samples.no_price("product", "beauty")
    no_price = [pixels(render(parse(source), without).content) for source in (only, never)]

    assert difference(*with_price) is None
    assert difference(*no_price) is not None


def test_a_preview_keeps_nothing() -> None:
    poster = render(TEMPLATE, NORMAL, preview=True)

    assert poster.is_qr_readable
    assert (len(engine._bases), len(engine._backgrounds)) == (0, 0)
    assert len(poster.content) < len(render(TEMPLATE, NORMAL).content)


def test_prepared_posters_are_the_same() -> None:
    prepare(TEMPLATE, NORMAL.product, NORMAL.shop)
    assert len(engine._bases) == 1
    prepared = render(TEMPLATE, NORMAL).content
    assert len(engine._bases) == 1
    forget()

    assert render(TEMPLATE, NORMAL).content == prepared


@pytest.mark.slow
def test_memory_holds_a_bounded_number_of_bases() -> None:
    assert NORMAL.product is not None
    for number in range(engine.MAX_BASES + 3):
        prepare(TEMPLATE, replace(NORMAL.product, title=f"商品{number}"), NORMAL.shop)

    assert len(engine._bases) == engine.MAX_BASES
    assert len(engine._backgrounds) == 1


@pytest.mark.slow
def test_threads_draw_what_one_thread_draws() -> None:
    people = [
        replace(NORMAL, user=replace(NORMAL.user, nickname=f"小鹿{number}🦌"))
        for number in range(6)
    ]
    expected = [render(TEMPLATE, person).content for person in people]
    forget()
    results: dict[int, bytes] = {}

    def draw(number: int) -> None:
        results[number] = render(TEMPLATE, people[number]).content

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [results[number] for number in range(6)] == expected
