"""Training texts, and who has read which version."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from materials.models.materials import Material
from materials.models.publishing import Published, PublishedQuerySet

MAX_COURSE = 50_000


class CourseQuerySet(PublishedQuerySet["Course"]):
    pass


class Course(Published):
    """A training text. Who has read a version sees the next one as unread."""

    code = models.SlugField(
        _("code"), max_length=40, null=True, blank=True, unique=True, editable=False,
        help_text=_("Of a course that is shipped."),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=60)
    summary = models.CharField(_("summary"), max_length=200, blank=True)
    text = models.TextField(
        _("text"), max_length=MAX_COURSE,
        help_text=_(
            "Begin a heading with “## ” and an item of a list with “- ”. Every other line is a"
            " paragraph."
        ),
    )  # fmt: skip
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("pictures or video"),
        help_text=_("Shown with the text to those who may see it."),
    )  # fmt: skip
    is_required = models.BooleanField(
        _("required"), default=False, help_text=_("Listed first, and counted until it is read.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects: ClassVar[CourseQuerySet] = CourseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["-is_required", "position", "id"]
        constraints = [
            *Published.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="course_not_empty"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class CourseReading(models.Model):
    """A member has read a version. Rows are only added: they show what a distributor knew."""

    course = models.ForeignKey(
        Course, models.PROTECT, related_name="readings", db_index=False, verbose_name=_("course")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    version = models.PositiveIntegerField(_("version"))
    read_at = models.DateTimeField(_("read at"))

    class Meta:
        verbose_name = _("reading of a course")
        verbose_name_plural = _("readings of courses")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "version", "member"], name="course_reading_unique"
            ),
            models.CheckConstraint(
                condition=Q(version__gt=0), name="course_reading_of_a_version"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.course} {self.version} · {self.member}"
