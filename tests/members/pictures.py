"""Pictures as phones send them, and as attackers do."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from members.models import Member
from tests.api.phone import Phone


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), color: Any = "red", **options: Any
) -> bytes:
    """Return a picture of one color; four numbers are a color with transparency."""
    mode = "RGBA" if isinstance(color, tuple) and len(color) == 4 else "RGB"
    target = BytesIO()
    Image.new(mode, size, color).save(target, kind, **options)
    return target.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a small file whose header promises a picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + sum_

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def with_scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan comes so often: each goes over all pixels."""
    raw = picture(size=(640, 640), progressive=True)
    last = raw.rindex(b"\xff\xda")
    return raw[:-2] + raw[last:-2] * (count - raw.count(b"\xff\xda")) + raw[-2:]


def send(who: Phone, raw: bytes | None, purpose: str = "claim", **more: Any) -> Any:
    """Upload a picture as a form."""
    file = {} if raw is None else {"file": SimpleUploadedFile("a.jpg", raw, "image/jpeg")}
    form = {"purpose": purpose, **file, **more}
    return who._http.post("/api/v1/uploads", form, headers=who._headers)


def uploaded(who: Member, purpose: str = "claim", **options: Any) -> str:
    """Upload a picture of a member; return its id."""
    return str(send(Phone(who), picture(**options), purpose).json()["id"])
