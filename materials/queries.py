"""Read what a member may see of materials and courses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet

from distribution.models import Distributor
from materials.models import Announcement, Campaign, Course, CourseReading, Material, MaterialFile
from materials.models.materials import MaterialQuerySet
from materials.rules import Viewer
from members.models import Member

STORED = Prefetch(
    "files",
    queryset=MaterialFile.objects.filter(status=MaterialFile.Status.STORED),
    to_attr="stored_files",
)


def viewer_of(member: Member) -> Viewer:
    """Return the attributes of a member that audiences ask for; only active distributors count."""
    rows = Distributor.objects.filter(member=member, status=Distributor.Status.ACTIVE)
    distributor = rows.select_related("level").first()
    if distributor is None:
        return Viewer()
    level = distributor.level
    return Viewer(
        is_distributor=True,
        has_advanced_materials=bool(level and level.advanced_materials),
        rank=level.rank if level else -1,
    )


def materials_visible_to(member: Member, *, at: datetime) -> MaterialQuerySet:
    """Return the published materials for a member whose product and campaign are on."""
    return Material.objects.open_to(viewer_of(member)).in_season(at)


def with_files(materials: QuerySet[Material]) -> QuerySet[Material]:
    """Add ``stored_files``, product and campaign, in a constant number of queries."""
    return materials.select_related("product", "campaign").prefetch_related(STORED)


def campaigns_visible_to(member: Member, *, at: datetime) -> QuerySet[Campaign]:
    """Return the campaigns with a material that the member sees.

    ``images``, ``videos`` and ``copies`` count the materials of each kind that the member sees.
    """
    seen = materials_visible_to(member, at=at).values("pk")
    counts = {
        name: Count("materials", filter=Q(materials__kind=kind, materials__in=seen))
        for name, kind in (
            ("images", Material.Kind.IMAGE),
            ("videos", Material.Kind.VIDEO),
            ("copies", Material.Kind.COPY),
        )
    }
    return Campaign.objects.filter(materials__in=seen).annotate(**counts)


def courses_visible_to(member: Member) -> QuerySet[Course]:
    """Return the published courses that a member may read."""
    courses: QuerySet[Course] = Course.objects.open_to(viewer_of(member))
    return courses


def announcements_visible_to(member: Member, *, at: datetime) -> QuerySet[Announcement]:
    """Return the announcements that run for a member, the pinned ones first, then the latest."""
    running = Announcement.objects.open_to(viewer_of(member)).running(at)
    return running.order_by("-is_pinned", "-published_at", "-pk")


def readings_of(member: Member, courses: Iterable[Course]) -> dict[int, datetime]:
    """Return when a person first read the current version of each course, by its key."""
    persons = Member.objects.of_person(member.pk).values("pk")
    current = {course.pk: course.version for course in courses}
    rows = CourseReading.objects.filter(member__in=persons, course__in=current).order_by("-read_at")
    return {row.course_id: row.read_at for row in rows if row.version == current[row.course_id]}


def shown_files() -> QuerySet[MaterialFile]:
    """Return the files of published materials."""
    return MaterialFile.objects.filter(
        status=MaterialFile.Status.STORED, material__status=Material.Status.PUBLISHED
    )
