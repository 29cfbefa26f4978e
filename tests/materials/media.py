"""Materials of the tests, made by the services, and videos as phones export them."""

from __future__ import annotations

import struct
from typing import Any

from distribution.models import Level
from distribution.services import set_level
from materials import services
from materials.models import Announcement, Course, Material
from members.models import Member, User
from tests.cast import NOON, give, staff
from tests.members.pictures import picture
from tests.shop import distributor

WIDE = (1_080, 40)  # large enough, and quickly drawn


def operator() -> User:
    """Return Yan, who makes the materials; Qian of the admin's tests has no rights."""
    return give(
        staff("Yan"), "view_material", "change_material", "view_course", "change_course",
        "change_announcement",
    )  # fmt: skip


def photo(color: Any = "red", size: tuple[int, int] = WIDE) -> bytes:
    return picture(size=size, color=color)


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def mp4(
    *, brand: bytes = b"isom", moov: bytes = b"", mdat: bytes = b"frames", tail: bytes = b""
) -> bytes:
    """Return a file with the structure of an MP4."""
    start = box(b"ftyp", brand + bytes(4) + brand)
    return start + box(b"moov", box(b"mvhd", bytes(20)) + moov) + box(b"mdat", mdat) + tail


def draft(kind: str = "copy", **fields: Any) -> Material:
    values = {"title": "春茶上新", "text": "喝一口春天" if kind == "copy" else ""}
    values |= {"audience": "members", **fields}
    return Material.objects.create(kind=kind, created_at=NOON, **values)


def with_files(*raws: bytes, kind: str = "image", **fields: Any) -> Material:
    row = draft(kind, **fields)
    services.add_files(material=row, raws=raws or [photo()], by=operator(), at=NOON)
    return row


def publish(row: Material, at: Any = NOON) -> Material:
    services.publish_material(material=row, by=operator(), at=at)
    return row


def withdraw(row: Material) -> Material:
    services.withdraw_material(material=row, reason="过期", by=operator(), at=NOON)
    return row


def published(*raws: bytes, kind: str = "copy", **fields: Any) -> Material:
    row = draft(kind, **fields) if kind == "copy" else with_files(*raws, kind=kind, **fields)
    return publish(row)


def course(**fields: Any) -> Course:
    values = {"title": "合规", "text": "## 广告\n请标明。\n- 一\n- 二", "audience": "members"}
    row = Course.objects.create(created_at=NOON, **{**values, **fields})
    services.publish_course(course=row, by=operator(), at=NOON)
    return row


def announcement(**fields: Any) -> Announcement:
    values = {"title": "发货通知", "text": "周五起照常发货。", "audience": "members"}
    return Announcement.objects.create(created_at=NOON, **{**values, **fields})


def announced(**fields: Any) -> Announcement:
    row = announcement(**fields)
    services.publish_announcement(announcement=row, by=operator(), at=NOON)
    return row


def at_level(who: Member, rank: int, *, advanced: bool = False) -> Level:
    """Make a member a distributor of a level."""
    level = Level.objects.create(rank=rank, name=f"L{rank}", advanced_materials=advanced)
    set_level(distributor=distributor(who), level=level, reason="?", by=staff("Qian"), at=NOON)
    return level
