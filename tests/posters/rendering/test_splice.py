"""Splicing: the pixels of a whole poster, for a fraction of the work."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PIL import Image

from posters.rendering import PHONE, SHORT, TALL, parse, render, samples, splice
from posters.rendering.template import Size
from tests.posters.rendering.example import DOCUMENT
from tests.posters.rendering.shots import difference, drawn, pixels, whole

TEMPLATE = parse(DOCUMENT)


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    chance = random.Random(seed)
    return Image.frombytes("RGB", (width, height), chance.randbytes(width * height * 3))


@pytest.mark.parametrize(
    "size",
    [
        TALL,
        pytest.param(SHORT, marks=pytest.mark.slow),
        pytest.param(PHONE, marks=pytest.mark.slow),
    ],
)
def test_a_spliced_poster_has_the_pixels_of_a_whole_one(size: Size) -> None:
    data = samples.normal("product", "beauty")
    for nickname in ("阿宝", "小鹿🦌爱分享✨" * 3):
        person = replace(data, user=replace(data.user, nickname=nickname))
        poster = drawn(TEMPLATE, person, size)

        assert difference(pixels(poster.content), whole(TEMPLATE, person, size)) is None


@pytest.mark.parametrize(
    ("height", "top", "bottom"), [(160, 16, 48), (160, 144, 160), (150, 0, 150), (150, 144, 150)]
)
def test_bands_anywhere_are_pixel_identical(height: int, top: int, bottom: int) -> None:
    picture, changed = noise(200, height), noise(200, bottom - top, seed=2)
    band = splice.cut(splice.encode(changed), height=changed.height)
    spliced = splice.replace(splice.cut(splice.encode(picture), height=height), {top: band})
    picture.paste(changed, (0, top))

    assert difference(pixels(spliced), pixels(splice.encode(picture))) is None


def test_nothing_spliced_gives_the_same_bytes() -> None:
    content = splice.encode(noise(200, 150))

    assert splice.cut(content, height=150).joined() == content


def test_a_spliced_poster_is_hardly_larger() -> None:
    data = samples.normal("product", "beauty")
    spliced = render(TEMPLATE, data).content

    assert len(spliced) < len(splice.encode(whole(TEMPLATE, data))) * 1.02


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xd9", splice.encode(noise(32, 64))[:-2]])
def test_what_is_not_cut_into_rows_is_refused(content: bytes) -> None:
    with pytest.raises(splice.SpliceMismatch):
        splice.cut(content, height=64)


def test_a_picture_of_another_height_is_refused() -> None:
    with pytest.raises(splice.SpliceMismatch, match="4 segments"):
        splice.cut(splice.encode(noise(32, 64)), height=80)


@pytest.mark.parametrize(
    ("band", "top"),
    [
        (splice.encode(noise(32, 32)), 8),
        (splice.encode(noise(32, 32)), 48),
        (splice.encode(noise(32, 32), 60), 16),
        (splice.encode(noise(48, 32)), 16),
    ],
    ids=["between rows", "out of the picture", "another quality", "another width"],
)
def test_a_band_that_does_not_fit_is_refused(band: bytes, top: int) -> None:
    picture = splice.cut(splice.encode(noise(32, 64)), height=64)
    with pytest.raises(splice.SpliceMismatch):
        splice.replace(picture, {top: splice.cut(band, height=32)})


def test_a_mismatch_falls_back_to_the_whole_poster(monkeypatch: pytest.MonkeyPatch) -> None:
    data = samples.normal("product", "beauty")
    expected = whole(TEMPLATE, data)
    render(TEMPLATE, data)  # the base is there; the bands differ from it now
    monkeypatch.setattr(splice, "QUALITY", 60)
    monkeypatch.setattr(splice.encode, "__defaults__", (60,))
    poster = render(TEMPLATE, data)

    assert poster.is_qr_readable
    assert difference(pixels(poster.content), expected) is not None
    assert difference(pixels(poster.content), whole(TEMPLATE, data)) is None
    monkeypatch.undo()
    assert difference(pixels(render(TEMPLATE, data).content), expected) is None
