"""The fields that materials, courses and announcements have in common: audience and publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.base_models import PublicIdField
from materials import rules

Row = TypeVar("Row", bound=models.Model)


class Audience(models.TextChoices):
    MEMBERS = rules.MEMBERS, _("all members")
    DISTRIBUTORS = rules.DISTRIBUTORS, _("distributors")
    ADVANCED = rules.ADVANCED, _("distributors whose level has advanced materials")


def running(at: datetime) -> Q:
    """Return the condition of rows that have begun and have not ended; empty: without a limit."""
    return (Q(starts_at=None) | Q(starts_at__lte=at)) & (Q(ends_at=None) | Q(ends_at__gt=at))


class PublishedQuerySet(models.QuerySet[Row]):
    def open_to(self, viewer: rules.Viewer) -> Self:
        """Return what is published for this viewer: audience and level are checked here."""
        level = Q(lowest_level=None) | Q(lowest_level__rank__lte=viewer.rank)
        published = self.filter(status=Published.Status.PUBLISHED)
        return published.filter(level, audience__in=viewer.audiences)


class Published(models.Model):
    """A row that staff edit while members do not see it; each publication is its next version."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", pgettext_lazy("material", "withdrawn")

    COMES_FROM: ClassVar = {
        Status.PUBLISHED: [Status.DRAFT, Status.WITHDRAWN],
        Status.WITHDRAWN: [Status.PUBLISHED],
    }
    EDITABLE_IN: ClassVar = [Status.DRAFT, Status.WITHDRAWN]

    public_id = PublicIdField()
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.DRAFT, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    audience = models.CharField(
        _("audience"), max_length=12, choices=Audience, default=Audience.DISTRIBUTORS
    )
    lowest_level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("from this level up"), help_text=_("Empty: with any level or none."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"), editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, editable=False, related_name="+",
        db_index=False, verbose_name=_("published by"),
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(
        pgettext_lazy("material", "withdrawn at"), null=True, editable=False
    )
    withdrawn_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, editable=False, related_name="+",
        db_index=False, verbose_name=_("withdrawn by"),
    )  # fmt: skip
    withdrawal_reason = models.CharField(
        _("reason of the withdrawal"), max_length=200, blank=True, editable=False
    )

    objects: ClassVar[models.Manager[Any]] = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "withdrawn"]),
                name="%(class)s_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", version=0, published_at=None, published_by=None)
                | Q(
                    status__in=["published", "withdrawn"], version__gt=0,
                    published_at__isnull=False, published_by__isnull=False,
                ),
                name="%(class)s_published_complete",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["draft", "published"], withdrawn_at=None, withdrawn_by=None,
                    withdrawal_reason="",
                )
                | Q(status="withdrawn", withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawal_reason=""),
                name="%(class)s_withdrawn_complete",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=["members", "distributors", "advanced"]),
                name="%(class)s_audience_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(audience="members") | Q(lowest_level=None),
                name="%(class)s_level_of_distributors",
                violation_error_message=_(
                    "Only distributors have a level: choose them as audience."
                ),
            ),
        ]  # fmt: skip

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED
