"""Export the materials that a member used and the courses that they read."""

from __future__ import annotations

from typing import Any

from common import clock
from materials.models import CourseReading, MaterialUse
from members.models import Member

MAX_USES = 1_000


def uses_of(member: Member) -> list[dict[str, Any]]:
    """Return the latest 1,000 uses of a person; they are stored for half a year."""
    persons = Member.objects.of_person(member.pk).values("pk")
    rows = MaterialUse.objects.filter(member__in=persons).order_by("-day", "-pk")
    return [
        {
            "material": row.material.public_id,
            "title": row.material.title,
            "action": row.action,
            "day": row.day.isoformat(),
        }
        for row in rows.select_related("material")[:MAX_USES]
    ]


def readings_of(member: Member) -> list[dict[str, Any]]:
    """Return the versions of courses that a person has read."""
    persons = Member.objects.of_person(member.pk).values("pk")
    rows = CourseReading.objects.filter(member__in=persons).order_by("pk")
    return [
        {
            "course": row.course.public_id,
            "title": row.course.title,
            "version": row.version,
            "read_at": row.read_at.astimezone(clock.SHANGHAI).isoformat(),
        }
        for row in rows.select_related("course")
    ]
