"""Visits of shares by day, and the members to whom anonymous visitors belong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from members.models import Member
from sharing.models.shares import Share

MAX_PAGES = 50
TRACES_KEPT = timedelta(days=180)
"""How long the address and the user agent of a visit are kept."""


class VisitQuerySet(models.QuerySet["Visit"]):
    def of_person(self, member: Member) -> VisitQuerySet:
        """Return the visits of a member and of those merged into it."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def with_old_traces(self, at: datetime) -> VisitQuerySet:
        return self.filter(has_traces=True, at__lt=at - TRACES_KEPT)


class Visit(models.Model):
    """One visitor's visit of a share on one day in Shanghai; more openings are the same visit.

    ``visitor`` is an anonymous id, or ``m:`` and a member's public id.
    """

    public_id = PublicIdField()
    share = models.ForeignKey(
        Share, models.PROTECT, related_name="visits", verbose_name=_("share"), db_index=False
    )
    visitor = models.CharField(_("visitor"), max_length=32)
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("at"))
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="visits", verbose_name=_("member"),
        db_index=False,
    )  # fmt: skip
    joined_at = models.DateTimeField(_("belongs to the member since"), null=True)
    is_new_member = models.BooleanField(
        _("brought a new member"), default=False,
        help_text=_("The member was created at the sign-in after this visit."),
    )  # fmt: skip
    pages = ArrayField(
        models.CharField(max_length=200), default=list, db_default=models.Value("{}"), blank=True,
        verbose_name=_("pages"),
    )  # fmt: skip
    # Personal data: emptied after 180 days.
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=200, blank=True)
    has_traces = models.GeneratedField(
        expression=models.Case(
            models.When(Q(ip__isnull=False) | ~Q(user_agent=""), then=True), default=False
        ),
        output_field=models.BooleanField(), db_persist=True, verbose_name=_("has traces"),
    )  # fmt: skip

    objects: ClassVar[VisitQuerySet] = VisitQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["visitor", "at"], name="visit_of_visitor"),
            models.Index(
                fields=["member", "share", "-at"], name="visit_of_member",
                condition=Q(member__isnull=False),
            ),
            models.Index(fields=["at"], name="visit_with_traces", condition=Q(has_traces=True)),
            # Rows lie in the order of their time: a few pages are enough to find a day.
            BrinIndex(fields=["at"], name="visit_by_day", autosummarize=True),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["share", "visitor", "day"], name="visit_once_a_day"),
            models.CheckConstraint(
                condition=Q(member=None, joined_at=None, is_new_member=False)
                | Q(member__isnull=False, joined_at__isnull=False),
                name="visit_member_complete",
            ),
            models.CheckConstraint(
                condition=Q(joined_at__gte=F("at")), name="visit_joined_after_visit"
            ),
            models.CheckConstraint(
                condition=Q(pages__len__lte=MAX_PAGES), name="visit_pages_limited"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class VisitorClaim(models.Model):
    """The one member to whom the visits with an anonymous id belong; never changes."""

    visitor = models.CharField(_("visitor"), max_length=32, primary_key=True)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="visitor_claims", verbose_name=_("member")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("visitor who signed in")
        verbose_name_plural = _("visitors who signed in")

    def __str__(self) -> str:
        return self.visitor
