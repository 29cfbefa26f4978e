"""Hostile files are refused fast and without memory, each for its own reason."""

from __future__ import annotations

import os
import resource
import struct
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from members.picture_files import PNG_HEAD
from members.pictures import PictureTooLarge, PictureUnreadable, read_picture
from tests.members.pictures import picture, png_of, with_scans

GENEROUS = 1.0  # seconds: the benchmark holds the figure
MAX_PEAK = 8 * 2**20  # bytes of memory above the file itself
UNREADABLE, TOO_LARGE = "picture_unreadable", "picture_too_large"


def noise(kind: str, size: tuple[int, int]) -> bytes:
    """Return a picture that packs badly, so that most of the file is pixels."""
    target = BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(target, kind)
    return target.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(*chunks: bytes, raw: bytes = b"") -> bytes:
    """Return a PNG with more chunks behind its head."""
    raw = raw or picture("PNG")
    head = len(PNG_HEAD) + 25
    return raw[:head] + b"".join(chunks) + raw[head:]


def packed_text(megabytes: int) -> bytes:
    return chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * megabytes * 2**20, 9))


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP whose head promises a canvas of this size."""
    head = b"VP8X" + struct.pack("<I", 10) + bytes([0x02, 0, 0, 0])
    head += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + head + b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_exif(data: bytes) -> bytes:
    """Return a JPEG with this as EXIF."""
    raw = picture()
    body = b"Exif\0\0" + data
    return raw[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + raw[2:]


def endless_exif() -> bytes:
    """EXIF whose directory leads to itself."""
    entry = struct.pack(">HHII", 0x8769, 4, 1, 8)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 8)


def counting_exif() -> bytes:
    """EXIF that promises four billion values."""
    entry = struct.pack(">HHII", 0x0112, 3, 0xFFFFFFFF, 26)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)


def _cut_off_with_preview() -> bytes:
    """The metadata has a whole JPEG with an end of its own."""
    preview = picture(size=(80, 60))
    raw = noise("JPEG", (2_000, 2_000))
    segment = b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview
    return raw[:2] + segment + raw[2:-1_000]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "png bomb of 900 megapixels": (lambda: png_of(30_000, 30_000), TOO_LARGE),
    "png bomb of 150 megapixels": (lambda: png_of(10_000, 15_000), TOO_LARGE),
    "png of 13 megapixels": (lambda: png_of(3_600, 3_700), TOO_LARGE),
    "png of one line": (lambda: png_of(10_001, 1), TOO_LARGE),
    "webp bomb": (lambda: webp_of(16_383, 16_383), TOO_LARGE),
    "webp canvas of 16 million squared": (lambda: webp_of(2**24, 2**24), TOO_LARGE),
    "jpeg bomb": (lambda: picture(size=(5_100, 5_000)), TOO_LARGE),
    "jpeg of 51 scans": (lambda: with_scans(51), UNREADABLE),
    "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", UNREADABLE),
    "svg with a byte order mark": (lambda: b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", UNREADABLE),
    "html before a jpeg": (lambda: b"<html><!--" + picture(), UNREADABLE),
    "pdf before a jpeg": (lambda: b"%PDF-1.7\n" + picture(), UNREADABLE),
    "zip before a png": (lambda: b"PK\x03\x04" + picture("PNG"), UNREADABLE),
    "gif with script": (lambda: b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)", UNREADABLE),
    "gif": (lambda: picture("GIF"), UNREADABLE),
    "tiff": (lambda: picture("TIFF"), UNREADABLE),
    "bmp": (lambda: picture("BMP"), UNREADABLE),
    "ico": (lambda: picture("ICO"), UNREADABLE),
    "ppm": (lambda: picture("PPM"), UNREADABLE),
    "wav": (lambda: b"RIFF\x24\0\0\0WAVEfmt ", UNREADABLE),
    "empty": (lambda: b"", UNREADABLE),
    "jpeg cut off": (lambda: noise("JPEG", (2_000, 2_000))[:-1_000], UNREADABLE),
    "jpeg cut off in its head": (lambda: picture()[:100], UNREADABLE),
    "large jpeg cut off with a preview": (_cut_off_with_preview, UNREADABLE),
    "png cut off": (lambda: noise("PNG", (1_000, 1_000))[:-1_000], UNREADABLE),
    "png with a chunk that never ends": (
        lambda: with_chunks(struct.pack(">I", 2**31) + b"IDAT"), UNREADABLE,
    ),
    "png without its last chunk": (lambda: picture("PNG")[:-12], UNREADABLE),
    "webp cut off": (lambda: noise("WEBP", (1_000, 1_000))[:-1_000], UNREADABLE),
    "webp of a strange kind": (lambda: b"RIFF\x20\0\0\0WEBPABCD" + b"\0" * 24, UNREADABLE),
    "webp without a frame": (lambda: webp_of(100, 100), UNREADABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused(name: str) -> None:
    make, code = REFUSED[name]
    raw = make()
    started = time.monotonic()
    with pytest.raises((PictureTooLarge, PictureUnreadable)) as refused:
        read_picture(raw, edge=1_080)
    assert refused.value.code == code
    assert time.monotonic() - started < GENEROUS


@pytest.mark.filterwarnings("ignore")  # as outside of tests
@pytest.mark.parametrize(
    "make",
    [
        lambda: picture() + b"PK\x03\x04<script>alert(1)</script>",
        lambda: picture(size=(80, 60)) + picture(),  # as phones append a second one
        lambda: with_exif(endless_exif()),
        lambda: with_exif(counting_exif()),
        lambda: with_exif(b"MM\0*" + b"\xff" * 100),
        lambda: with_chunks(*[packed_text(1)] * 200),
        lambda: with_chunks(chunk(b"iCCP", b"a\0\0" + zlib.compress(b"\0" * 2**24, 9))),
        lambda: with_chunks(chunk(b"tEXt", b"a\0<script>alert(1)</script>")),
        lambda: picture("PNG") + b"<?php",
        lambda: picture("WEBP") + b"<script>",
    ],
    ids=[
        "archive behind", "second picture", "endless exif", "exif of four billion values",
        "broken exif",
        "200 packed texts", "packed profile", "text", "php behind", "script behind",
    ],
)  # fmt: skip
def test_what_is_not_pixels_is_left_out(make: Callable[[], bytes]) -> None:
    raw = make()
    started = time.monotonic()
    content = read_picture(raw, edge=1_080).content
    assert time.monotonic() - started < GENEROUS
    with Image.open(BytesIO(content)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
    for rest in (b"script", b"PK\x03\x04", b"php", b"Exif"):
        assert rest not in content


def refuse(raw: bytes) -> None:
    with pytest.raises((PictureTooLarge, PictureUnreadable)):
        read_picture(raw, edge=1_080)


def peak(raw: bytes) -> int:
    """Return the bytes by which refusing a file raises the memory of a process of its own."""
    reader, writer = os.pipe()
    if child := os.fork():
        os.close(writer)
        os.waitpid(child, 0)
        with os.fdopen(reader) as answer:
            return int(answer.read())
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refuse(raw)
    _now, traced = tracemalloc.get_traced_memory()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    os.write(writer, str(max((after - before) * 1_024, traced - len(raw))).encode())
    os._exit(0)


MEASURE = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from tests.members.test_hostile_pictures import REFUSED, peak, picture, refuse
for kind in ("JPEG", "PNG", "WEBP"):
    refuse(picture(kind)[:-14])  # loads the decoders
for name, (make, _code) in REFUSED.items():
    print(peak(make()), name)
"""


@pytest.mark.slow
def test_a_refusal_costs_no_memory() -> None:
    """In processes of their own: what a process had at most never falls again."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True
    )
    lines = (line.split(" ", 1) for line in done.stdout.splitlines())
    peaks = {name: int(figure) for figure, name in lines}
    assert peaks.keys() == REFUSED.keys()
    assert {name: figure for name, figure in peaks.items() if figure > MAX_PEAK} == {}
