"""Give the demo's distributors something to forward, and the courses that Twotier ships."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Sku
from demo.pictures import draw_picture
from materials.models import Audience, Campaign, Material
from materials.services import (
    add_files,
    load_shipped_courses,
    publish_course,
    publish_material,
)
from members.models import User

MOTIFS = ("mask", "cleanser")


def play(*, by: User, at: datetime) -> None:
    """Publish a text, pictures and the courses."""
    mask = Sku.objects.get(code="TT-0001").product
    campaign = Campaign.objects.create(name="秋冬补水季", description="面膜组合满 2 件有礼")
    _publish(
        Material(
            kind=Material.Kind.COPY, title="面膜：换季干燥怎么办", product=mask, campaign=campaign,
            text="【广告】换季脸干，晚上敷一片补水面膜，十五分钟，睡前做完。喜欢清爽质地的朋友可以看看。",
        ),
        by=by, at=at,
    )  # fmt: skip
    _publish(
        Material(
            kind=Material.Kind.IMAGE, title="补水季主图", product=mask, campaign=campaign,
            text="【广告】补水季开始了，组合装更划算，价格以页面为准。",
        ),
        *(draw_picture(motif) for motif in MOTIFS),
        by=by, at=at,
    )  # fmt: skip
    for course in load_shipped_courses(at=at):
        publish_course(course=course, by=by, at=at)


def _publish(material: Material, *pictures: bytes, by: User, at: datetime) -> None:
    material.audience, material.created_at = Audience.MEMBERS, at
    material.save()
    if pictures:
        add_files(material=material, raws=pictures, by=by, at=at)
    publish_material(material=material, by=by, at=at)
