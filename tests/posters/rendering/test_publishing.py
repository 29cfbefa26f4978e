"""The check before publishing: contrast, and codes that a phone can read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from posters.rendering import PHONE, check, parse, render, samples
from posters.rendering.checks import contrast, unreadable_scales
from posters.rendering.problems import Problem
from tests.posters.rendering.example import DOCUMENT, changed


def found(problems: list[Problem]) -> set[tuple[str, str]]:
    assert all(problem.message for problem in problems)
    return {(problem.code, str(problem.data.get("id", ""))) for problem in problems}


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert contrast((9, 9, 9), (9, 9, 9)) == 1


@pytest.mark.slow
def test_the_example_may_be_published() -> None:
    assert check(parse(DOCUMENT)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("element", "changes", "code"),
    [
        ("nick", {"color": "#F7C4B8"}, "low_contrast"),
        ("nick", {"opacity": 0.2}, "low_contrast"),
        ("nick", {"opacity": 0}, "low_contrast"),
        ("price", {"original_color": "#DDDDDD"}, "low_contrast"),
        ("badge", {"color": "#E85A3A"}, "low_contrast"),
        ("tags", {"color": "#5B2A2A", "fill": "#5B2A2A"}, "low_contrast"),
        ("qr", {"color": "#E8E8E8"}, "qr_unreadable"),
        (
            "corner",
            {"x": 732, "y": 1530, "w": 264, "h": 264, "z": 9, "fill": "#FFFFFF"},
            "qr_unreadable",
        ),
    ],
)  # fmt: skip
def test_what_nobody_could_read_is_refused(
    element: str, changes: dict[str, object], code: str
) -> None:
    problems = found(check(parse(changed(element, **changes))))

    assert problems == {(code, element if code == "low_contrast" else "")}


@pytest.mark.slow
def test_text_in_the_very_colour_of_its_background_is_refused() -> None:
    white = [
        {"id": "wall", "type": "rect", "x": 280, "y": 1840, "w": 240, "h": 60, "fill": "#FFFFFF",
         "z": 8},
        {"id": "ghost", "type": "text", "text": "限时", "x": 300, "y": 1846, "w": 200, "size": 24,
         "color": "#FFFFFF", "z": 9},
    ]  # fmt: skip
    document = {**DOCUMENT, "elements": [*DOCUMENT["elements"], *white]}
    assert ("low_contrast", "ghost") in found(check(parse(document)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mark", "others"),
    [
        ({"hide_if": "{{product.title}}"}, []),
        ({"show_if": "{{product.original}}"}, []),
        ({"opacity": 0}, []),
        (
            {},
            [{"id": "lid", "type": "rect", "x": 900, "y": 0, "w": 180, "h": 70, "fill": "#FFFFFF",
              "z": 100}],
        ),
    ],
    ids=["hidden", "conditional", "transparent", "covered"],
)  # fmt: skip
def test_the_mark_of_advertising_is_always_seen(
    mark: dict[str, object], others: list[dict[str, object]]
) -> None:
    own = {"id": "ad", "type": "text", "text": "{{shop.ad}}", "x": 960, "y": 28, "w": 88,
           "size": 22, "color": "#222222", **mark}  # fmt: skip
    document = {**DOCUMENT, "elements": [*DOCUMENT["elements"], own, *others]}
    for is_ad in (True, False):
        data = samples.normal("product", "beauty")
        data = replace(data, shop=replace(data.shop, is_ad=is_ad))
        assert ("ad_mark_hidden", "") in found(check(parse(document), data))


@pytest.mark.slow
@pytest.mark.parametrize("price", [samples.normal, samples.no_price, samples.longest_title])
def test_every_sample_may_be_seen(price: object) -> None:
    assert check(parse(DOCUMENT), price("product", "beauty")) == []  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(samples.HOSTILE_NAMES)))
def test_hostile_names_leave_a_code_that_can_be_read(number: int) -> None:
    template = parse(DOCUMENT)
    for size in template.sizes:
        data = samples.hostile("product", "beauty", number=number)
        poster = render(template, data, size=size)

        assert poster.is_qr_readable
        assert unreadable_scales(poster.content, samples.LINK) == []


def test_a_poster_for_small_phones_can_be_read_too() -> None:
    poster = render(parse(DOCUMENT), samples.normal("product", "beauty"), size=PHONE)

    assert unreadable_scales(poster.content, samples.LINK) == []
    assert unreadable_scales(poster.content, "https://m.example.com/s/another") == [100, 50, 30]
