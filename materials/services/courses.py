"""Publish and withdraw training courses, and record their readers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission, require_reason
from events.services import record
from materials.events import (
    MATERIALS_COURSE_PUBLISHED,
    MATERIALS_COURSE_READ,
    MATERIALS_COURSE_WITHDRAWN,
)
from materials.models import Course, CourseReading
from materials.services import publishing
from members.models import Member, User

CHANGE = "materials.change_course"


class CourseOutdated(TwotierError):
    """``data["version"]`` is the current version."""

    code = "course_outdated"
    message = _("The current version of the course is %(version)s. Fetch it, and read it.")


@transaction.atomic
def publish_course(*, course: Course, by: User, at: datetime) -> None:
    """Show a course to its audience, as its next version, which nobody has read.

    :raises PermissionMissing: ``by`` may not change courses
    :raises WrongStatus: it is published already
    """
    require_permission(by, CHANGE)
    publishing.lock(course)
    publishing.publish(course, event=MATERIALS_COURSE_PUBLISHED, by=by, at=at)


@transaction.atomic
def withdraw_course(*, course: Course, reason: str, by: User, at: datetime) -> None:
    """Hide a course from members; it can be changed and published again.

    :raises PermissionMissing: ``by`` may not change courses
    :raises ReasonRequired: the reason is empty
    :raises WrongStatus: it is not published
    """
    require_permission(by, CHANGE)
    reason = require_reason(reason)
    publishing.lock(course)
    publishing.withdraw(course, reason=reason, event=MATERIALS_COURSE_WITHDRAWN, by=by, at=at)


@transaction.atomic
def mark_course_read(*, member: Member, course: Course, version: int, at: datetime) -> None:
    """Record that a member has read the current version; a repetition changes nothing.

    :raises CourseOutdated: ``version`` is not the current one
    """
    if version != course.version:
        raise CourseOutdated(version=course.version)
    advisory_lock(f"courses:{member.pk}")  # a double tap is one reading
    persons = Member.objects.of_person(member.pk).values("pk")
    if CourseReading.objects.filter(course=course, version=version, member__in=persons).exists():
        return
    CourseReading.objects.create(course=course, version=version, member=member, read_at=at)
    record(
        MATERIALS_COURSE_READ, member, at=at, by=member, course=course.public_id, version=version
    )
