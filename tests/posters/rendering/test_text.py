"""Texts of strangers: what is drawn of them, and how they are broken into lines."""

from __future__ import annotations

from time import process_time

import pytest

from posters.rendering import fonts, samples
from posters.rendering.elements import Style
from posters.rendering.text import NAMELESS, display_name, runs, shape
from posters.rendering.wrapping import NEVER_FIRST, NEVER_LAST, break_lines, width

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def written(text: str, limit: int = 64) -> str:
    return "".join(cluster.text for cluster in shape(text, limit=limit))


def style(**changes: object) -> Style:
    values: dict[str, object] = {
        "size": 40, "min_size": 40, "weight": 400, "color": (0, 0, 0, 255), "line_height": 56,
        "max_lines": 2, **changes,
    }  # fmt: skip
    return Style(**values)  # type: ignore[arg-type]


def lines(text: str, room: float, **changes: object) -> list[str]:
    block = break_lines(shape(text, limit=400), style(**changes), room)
    return ["".join(cluster.text for cluster in line) for line in block.lines]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("小鹿🦌爱", "小鹿🦌爱"),
        ("𝓐𝓷𝓷𝓪", "Anna"),
        ("a\u0301\u0302\u0303\u0304", "á"),
        ("Z\u0338\u0322\u0327", "Z"),
        ("\u202eneddih", "neddih"),
        ("\u200b红\u2060包\ufeff", "红包"),
        ("私\ue000用\uf8ff", "私用"),
        ("红\x00\x1b\x7f", "红"),
        ("محمد", ""),
        ("한국 店", "店"),
        ("𠮷野家", "野家"),
        ("  两\t\n　 头  ", "两 头"),
        ("\ud800红", "红"),
        ("ﬁ", "fi"),
        ("", ""),
    ],
)
def test_what_can_be_drawn_of_a_text(text: str, expected: str) -> None:
    assert written(text) == expected


@pytest.mark.parametrize("name", ["", "  ", "\u200b\u200d", "محمد", "\ue000", "\u0301\u0301"])
def test_a_name_without_a_character_is_replaced(name: str) -> None:
    assert display_name(name) == NAMELESS


@pytest.mark.parametrize(
    "emoji", [FAMILY, ENGLAND, "🇨🇳", "1\ufe0f\u20e3", "👍🏽", "❤\ufe0f", "㊗\ufe0f"]
)
def test_an_emoji_is_one_picture(emoji: str) -> None:
    [cluster] = shape(emoji, limit=9)

    assert (cluster.font, cluster.text) == ("emoji", emoji)


@pytest.mark.parametrize("text", ["©", "™", "1", "#", "☀\ufe0e", "★"])
def test_signs_that_are_not_meant_as_emoji_are_text(text: str) -> None:
    [cluster] = shape(text, limit=9)

    assert cluster.font == "text"


def test_people_that_no_picture_joins_are_reduced_to_the_first() -> None:
    [cluster] = shape("👩" + "\u200d👩" * 400, limit=9)

    assert cluster.text == "👩"


@pytest.mark.parametrize("name", samples.HOSTILE_NAMES)
def test_a_hostile_name_leaves_only_what_the_fonts_have(name: str) -> None:
    for font, text in runs(shape(display_name(name), limit=64)):
        coverage = fonts.text_coverage() if font == "text" else fonts.emoji_coverage()
        invisible = "\u200d\ufe0f\U0001f3f4" if font == "emoji" else ""
        for character in text:
            is_tag = font == "emoji" and 0xE0020 <= ord(character) <= 0xE007F
            assert coverage.has(character) or character in invisible or is_tag


@pytest.mark.parametrize(
    "text",
    ["红" * 1_000_000, "e" + "\u0301" * 1_000_000, "👩" + "\u200d👩" * 300_000, " " * 1_000_000],
)
def test_a_megabyte_costs_nothing(text: str) -> None:
    started = process_time()
    shape(text, limit=64)

    assert process_time() - started < 0.05


def test_lines_are_broken_as_chinese_is_set() -> None:
    text = "好用到哭，真的（没有骗你）“每天都用”！值得￥199入手…你也试试吧。"
    for room in range(120, 700, 7):
        for line in lines(text, room, max_lines=12):
            assert line[0] not in NEVER_FIRST
            assert line[-1] not in NEVER_LAST


def test_latin_words_stay_whole() -> None:
    assert lines("面霜 SUPER HYALURONIC 玻尿酸", 300, max_lines=4)[1].startswith("HYALURONIC")


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert len(lines("x" * 100, 300, max_lines=9)) > 1


def test_a_text_shrinks_before_it_is_cut() -> None:
    clusters = shape("二十个汉字一行放不下所以要变小一些才行啊", limit=99)
    block = break_lines(clusters, style(min_size=30, max_lines=1), 700)

    assert 30 <= block.size < 40
    assert block.lines == (clusters,)


def test_a_text_that_does_not_fit_ends_with_an_ellipsis() -> None:
    result = lines("奥蕾莉亚，玻尿酸，深层修护面霜，保湿补水紧致提亮肤色", 300, min_size=36)

    assert len(result) == 2
    assert result[-1].endswith("…")
    assert result[-1][-2] not in NEVER_FIRST | NEVER_LAST


@pytest.mark.parametrize("room", [1, 20, 60, 200, 900])
def test_no_line_is_wider_than_its_room(room: int) -> None:
    clusters = shape(samples.LONGEST_TITLE, limit=400)
    block = break_lines(clusters, style(max_lines=3, tracking=3), room)
    widest = max(width(line, 400, block.size, 3) for line in block.lines)

    # A line has at least one character, and the last one its ellipsis.
    assert widest <= max(room, 2 * 46)
