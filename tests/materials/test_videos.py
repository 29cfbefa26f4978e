"""MP4 videos are accepted by their structure, and lose where they were filmed."""

from __future__ import annotations

import struct

import pytest

from materials.videos import VideoUnreadable, is_video, read_video
from tests.materials.media import box, mp4
from tests.members.pictures import picture

PLACE = b"\xa9xyz+30.2741+120.1551/"
LARGE = struct.pack(">I4sQ", 1, b"mdat", 16 + 6) + b"frames"


@pytest.mark.parametrize(
    "raw",
    [
        mp4(),
        mp4(brand=b"mp42"),
        mp4(tail=box(b"free", bytes(9))),
        mp4(tail=LARGE),
        mp4(tail=box(b"moof") + box(b"mdat", b"more")),
        mp4(tail=struct.pack(">I4s", 0, b"mdat") + b"up to the end"),
        box(b"ftyp", b"XAVC" + bytes(4) + b"mp42") + mp4()[20:],
    ],
)
def test_what_has_the_structure_is_taken_as_it_is(raw: bytes) -> None:
    assert is_video(raw)
    assert read_video(raw) == raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\0\x18ftyp",
        picture(),
        mp4()[:-1],
        mp4()[:30],
        mp4() + b"\0",
        mp4() + b"PK\x03\x04 and an archive behind it",
        mp4(tail=box(b"html", b"<script>")),
        mp4(brand=b"qt  "),
        mp4(brand=b"heic"),
        mp4()[20:],
        mp4()[:20],
        mp4(tail=box(b"moov")),
        box(b"ftyp", b"isom" + bytes(4) + b"isom") + box(b"moov"),
        box(b"ftyp", bytes(2_000)) + mp4()[20:],
        mp4(tail=box(b"free") * 2_000),
        mp4(moov=box(b"trak") * 100),
        mp4(moov=box(b"trak", b"\0\0\0\xffmdia")),
        mp4(moov=b"\0\0\0\x04udta"),
        mp4(tail=struct.pack(">I4sQ", 1, b"mdat", 2**63)),
        mp4(tail=struct.pack(">I4sQ", 1, b"mdat", 3)),
        mp4(tail=struct.pack(">I4s", 1, b"mdat")),
    ],
)
def test_what_is_no_whole_mp4_is_refused(raw: bytes) -> None:
    with pytest.raises(VideoUnreadable):
        read_video(raw)


@pytest.mark.parametrize("kind", [b"udta", b"meta", b"uuid", b"free"])
def test_metadata_is_blanked_wherever_it_is(kind: bytes) -> None:
    hidden = box(kind, PLACE)
    raw = mp4(moov=hidden + box(b"trak", hidden + box(b"mdia", b"codec")), tail=hidden)

    video = read_video(raw)

    assert len(video) == len(raw)
    assert PLACE not in video
    assert b"codec" in video
    assert video.count(b"free") == 3
    assert read_video(video) == video


def test_boxes_in_boxes_in_boxes_are_not_followed() -> None:
    nested = b""
    for _ in range(20_000):
        nested = box(b"trak", nested) if len(nested) < 100_000 else nested

    assert read_video(mp4(moov=nested))
