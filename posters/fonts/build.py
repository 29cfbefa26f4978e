"""Build the fonts of posters from two packages of the npm registry.

    python posters/fonts/build.py

It downloads the exact versions below with ``npm pack``, and writes the fonts, what they cover,
their licences and ``SHA256SUMS``. The same packages and the same fontTools give the same bytes. It
needs Node.js, fonttools and brotli; drawing posters needs none of them.

The fonts are TrueType in xz. WOFF2 would be a tenth smaller, but FreeType unpacks it for each size
of a face: 100 ms and 11 MB every time. What is unpacked once is mapped into memory, and shared.
"""

from __future__ import annotations

import json
import lzma
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent
NOTO = "@expo-google-fonts/noto-sans-sc@0.4.3"
NOTO_FILES = {
    "NotoSansSC-Regular.ttf.xz": "400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-Bold.ttf.xz": "700Bold/NotoSansSC_700Bold.ttf",
}
NOTO_LICENCE = "OFL-NotoSansSC.txt"
TWEMOJI = "twemoji-colr-font@15.0.3"
TWEMOJI_FILE = "Twemoji.ttf.xz"
TWEMOJI_LICENCE = "LICENSE-Twemoji.txt"
OVERLAP_SIMPLE = 0x40
XZ = [
    {
        "id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0,
        "dict_size": 16 << 20,
    }
]  # fmt: skip
MORE_RANGES = (
    (0x20, 0x7E), (0xA0, 0x24F),  # Latin
    (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x25FF), (0x2600, 0x27BF),
    (0x3000, 0x30FF), (0x3200, 0x33FF), (0xFE10, 0xFE6F), (0xFF00, 0xFFEF),
)  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        noto, twemoji = _package(NOTO, folder / "noto"), _package(TWEMOJI, folder / "twemoji")
        texts = [_build_text(noto / source, file) for file, source in NOTO_FILES.items()]
        emoji = _build_emoji(twemoji / "twemoji.woff2")
        (FOLDER / NOTO_LICENCE).write_bytes((noto / "LICENSE_FONT").read_bytes())
        (FOLDER / TWEMOJI_LICENCE).write_bytes((twemoji / "LICENSE").read_bytes())
    ranges = {"text": _ranges(set.intersection(*texts)), "emoji": _ranges(emoji)}
    coverage = json.dumps(ranges, separators=(",", ":"))
    (FOLDER / "coverage.json").write_text(coverage + "\n", encoding="utf-8")
    files = sorted([*FOLDER.glob("*.xz"), FOLDER / "coverage.json"])
    sums = [f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (FOLDER / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _package(name: str, folder: Path) -> Path:
    folder.mkdir()
    subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True)  # noqa: S603, S607
    [archive] = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def _build_text(source: Path, file: str) -> set[int]:
    """Write the characters of GBK, Latin and symbols of a font; return their code points."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = ["ccmp", "kern", "liga", "locl", "mark", "mkmk"]
    options.drop_tables += ["BASE", "STAT", "vhea", "vmtx"]
    options.notdef_outline = False
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=_wanted())
    subsetter.subset(font)
    _clear_overlaps(font)
    return _save(font, file)


def _wanted() -> set[int]:
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    gbk = {character for pair in pairs for character in pair.decode("gbk", "ignore")}
    more = {code for first, last in MORE_RANGES for code in range(first, last + 1)}
    return {ord(character) for character in gbk} | more


def _clear_overlaps(font: TTFont) -> None:
    # An instance of a variable font carries these flags; FreeType then draws four times as slowly.
    for name in font.getGlyphOrder():
        glyph = font["glyf"][name]
        if glyph.numberOfContours > 0:
            glyph.flags[0] &= ~OVERLAP_SIMPLE


def _build_emoji(source: Path) -> set[int]:
    """Write the emoji with a size for each; return their code points."""
    font = TTFont(source, recalcTimestamp=False)
    top, bottom = font["hhea"].ascent, font["hhea"].descent
    # The colours are in layers; the emoji itself is empty, so that Pillow would give it no room.
    for name in font["COLR"].ColorLayers:
        width, _ = font["hmtx"][name]
        pen = TTGlyphPen(None)
        for corner in ((0, bottom), (width, top)):
            pen.moveTo(corner)
            pen.lineTo(corner)
            pen.lineTo(corner)
            pen.closePath()
        font["glyf"][name] = pen.glyph()
        font["hmtx"][name] = (width, 0)
    return _save(font, TWEMOJI_FILE)


def _save(font: TTFont, file: str) -> set[int]:
    font.flavor = None
    target = BytesIO()
    font.save(target)
    packed = lzma.compress(target.getvalue(), filters=XZ)
    (FOLDER / file).write_bytes(packed)
    return set(font.getBestCmap())


def _ranges(codes: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


if __name__ == "__main__":
    main()
