"""The fonts of posters: complete, unchanged, and free to ship."""

from __future__ import annotations

import threading
from hashlib import sha256

import pytest
from django.core.checks import ERROR, WARNING
from PIL import ImageFont

from posters import checks
from posters.rendering import fonts

MISSING_IN_SOURCE = {"≒"}


def gbk() -> set[str]:
    """Return all characters of two bytes."""
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    return {
        text for pair in pairs if len(text := pair.decode("gbk", "ignore")) == 1 and text > "\x7f"
    }


def test_every_character_of_gbk_has_a_glyph() -> None:
    characters = gbk()
    coverage = fonts.text_coverage()

    assert len(characters) > 21_000
    assert {each for each in characters if not coverage.has(each)} == MISSING_IN_SOURCE


@pytest.mark.parametrize("weight", [400, 700])
def test_what_is_listed_is_drawn(weight: int) -> None:
    face = fonts.face(weight, 40)
    unknown = bytes(face.getmask("\ue123"))

    for character in "一丁龘亹喆玥珺橦湜澔炘爔A9¥…“”，。！★♡①㎡":
        assert fonts.text_coverage().has(character)
        assert bytes(face.getmask(character)) not in (unknown, b"")


def test_the_files_are_those_that_were_built() -> None:
    listed = (fonts.FOLDER / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split() for line in listed)}

    assert set(sums) == {*fonts.FILES.values(), fonts.EMOJI_FILE, fonts.COVERAGE_FILE}
    for name, digest in sums.items():
        assert sha256((fonts.FOLDER / name).read_bytes()).hexdigest() == digest


def test_each_font_has_its_licence() -> None:
    for name in ("OFL-NotoSansSC.txt", "LICENSE-Twemoji.txt"):
        assert "SIL OPEN FONT LICENSE" in (fonts.FOLDER / name).read_text().upper()
    source = (fonts.FOLDER / "SOURCE.md").read_text()
    for name in (*fonts.FILES.values(), fonts.EMOJI_FILE):
        assert name in source


def test_no_more_sizes_are_held_open_than_needed() -> None:
    for size in range(20, 80):
        fonts.face(400, size)

    assert len(fonts._faces.opened) <= fonts.MAX_FACES


def test_threads_have_faces_of_their_own() -> None:
    faces: list[ImageFont.FreeTypeFont] = []
    threads = [threading.Thread(target=lambda: faces.append(fonts.face(400, 41))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(face) for face in faces}) == 3


def test_pillow_joins_emoji_here() -> None:
    assert checks.complex_text_can_be_drawn() == []


@pytest.mark.parametrize(("is_production", "level"), [(False, WARNING), (True, ERROR)])
def test_a_missing_library_is_reported(
    monkeypatch: pytest.MonkeyPatch, settings: object, is_production: bool, level: int
) -> None:
    monkeypatch.setattr(fonts, "has_raqm", lambda: False)
    settings.PRODUCTION = is_production  # type: ignore[attr-defined]
    [problem] = checks.complex_text_can_be_drawn()

    assert (problem.id, problem.level) == ("posters.E001", level)
    assert "libfribidi0" in str(problem.hint)
