"""Announcements: what the shop tells its members on their pages, for some days and levels."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from materials.models.publishing import Published, PublishedQuerySet, running

MAX_ANNOUNCEMENT = 2_000


class AnnouncementQuerySet(PublishedQuerySet["Announcement"]):
    def running(self, at: datetime) -> Self:
        return self.filter(running(at))


class Announcement(Published):
    """A short text that its audience sees from its start to its end."""

    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(
        _("text"), max_length=MAX_ANNOUNCEMENT,
        help_text=_(
            "Begin a heading with “## ” and an item of a list with “- ”. Every other line is a"
            " paragraph."
        ),
    )  # fmt: skip
    is_pinned = models.BooleanField(
        _("pinned"), default=False, help_text=_("Shown before the others.")
    )
    starts_at = models.DateTimeField(
        _("starts at"), null=True, blank=True, help_text=_("Empty: as soon as it is published.")
    )
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Empty: until it is withdrawn.")
    )

    objects: ClassVar[AnnouncementQuerySet] = AnnouncementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["-is_pinned", "-published_at"], condition=Q(status="published"),
                name="announcements_by_publication",
            )
        ]  # fmt: skip
        constraints = [
            *Published.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="announcement_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="announcement_ends_after_start",
                violation_error_message=_("The end must be later than the start."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
