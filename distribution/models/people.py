"""Distributors: applications, levels, segments and history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from distribution.models.forms import ApplicationForm, Question


def never_overlap(name: str, *, per: str) -> ExclusionConstraint:
    """Return a constraint: periods of rows with the same value of ``per`` do not overlap."""
    # A range of one number: without an extension, GiST cannot compare plain numbers.
    same = Func(F(per), F(per), Value("[]"), function="int8range")
    period = Func(F("started_at"), F("ended_at"), function="tstzrange")
    overlap = RangeOperators.OVERLAPS
    return ExclusionConstraint(name=name, expressions=[(same, overlap), (period, overlap)])


class Level(models.Model):
    """A level of distributors, ranked from low to high, and its permissions."""

    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)
    sees_team_data = models.BooleanField(_("sees team data"), default=False)
    advanced_materials = models.BooleanField(_("advanced materials"), default=False)

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """A kind of distributor: KOC, community leader, instructor, employee …"""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DistributorQuerySet(models.QuerySet["Distributor"]):
    def active(self) -> DistributorQuerySet:
        return self.filter(status=Distributor.Status.ACTIVE)


class Distributor(models.Model):
    """A member's current state as a distributor; ``DistributorPeriod`` holds the history."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        FROZEN = "frozen", _("frozen")
        EXITED = "exited", _("exited")

    COMES_FROM: ClassVar = {
        Status.ACTIVE: [Status.SUSPENDED, Status.FROZEN],
        Status.SUSPENDED: [Status.ACTIVE, Status.FROZEN],
        Status.FROZEN: [Status.ACTIVE, Status.SUSPENDED],
        Status.EXITED: [Status.ACTIVE, Status.SUSPENDED, Status.FROZEN],
    }

    public_id = PublicIdField()
    member = models.OneToOneField(
        "members.Member", models.PROTECT, related_name="distributor", verbose_name=_("member")
    )
    code = models.CharField(_("invite code"), max_length=12, unique=True)
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, verbose_name=_("level"))
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, verbose_name=_("segment")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    since = models.DateTimeField(_("distributor since"))
    # Set by an exit until the last binding to them has its end on record.
    has_bindings_to_end = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Distributor]] = DistributorQuerySet.as_manager()

    class Meta:
        verbose_name = _("distributor")
        verbose_name_plural = _("distributors")
        ordering = ["-id"]
        indexes = [
            # Few rows: settlement first checks whether any due credit belongs to one of them.
            models.Index("member", condition=Q(status="frozen"), name="distributor_frozen"),
            models.Index(
                "id", condition=Q(has_bindings_to_end=True), name="distributor_bindings_to_end"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["active", "suspended", "frozen", "exited"]),
                name="distributor_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(has_bindings_to_end=False) | Q(status="exited"),
                name="distributor_ends_bindings_after_exit",
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)


class DistributorPeriod(models.Model):
    """A distributor's state during a period; late orders read the period of their time."""

    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="periods", verbose_name=_("distributor")
    )
    status = models.CharField(_("status"), max_length=10, choices=Distributor.Status)
    level = models.ForeignKey(
        Level, models.PROTECT, null=True, related_name="+", verbose_name=_("level")
    )
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, related_name="+", verbose_name=_("segment")
    )
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("distributor period")
        verbose_name_plural = _("periods")
        ordering = ["-started_at", "-id"]
        constraints = [
            never_overlap("distributor_periods_never_overlap", per="distributor_id"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")),
                name="distributor_period_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distributor} {self.get_status_display()}"


class Application(models.Model):
    """An application to become a distributor. A rejected one may be submitted again."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    COMES_FROM: ClassVar = {
        Status.SUBMITTED: [Status.REJECTED],
        Status.APPROVED: [Status.SUBMITTED],
        Status.REJECTED: [Status.SUBMITTED],
    }

    class Route(models.TextChoices):
        OPEN = "open", _("open to all")
        REVIEW = "review", _("reviewed")
        FAST_TRACK = "fast_track", _("fast-tracked")
        INVITE = "invite", _("invited")
        STAFF = "staff", _("by staff")

    public_id = PublicIdField()
    member = models.OneToOneField(
        "members.Member", models.PROTECT, related_name="application", verbose_name=_("member")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.SUBMITTED)
    route = models.CharField(_("route"), max_length=10, choices=Route, default=Route.REVIEW)
    invited_by = models.ForeignKey(
        Distributor, models.PROTECT, null=True, blank=True, related_name="invited",
        verbose_name=_("invited by"),
    )  # fmt: skip
    statement = models.CharField(_("statement of the applicant"), max_length=500, blank=True)
    form = models.ForeignKey(
        ApplicationForm, models.PROTECT, null=True, editable=False, db_index=False,
        related_name="+", verbose_name=_("application form"),
    )  # fmt: skip
    answers = models.JSONField(_("answers"), default=dict, db_default={}, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-id"]
        # The waiting ones are few, whatever has been decided.
        indexes = [models.Index(fields=["status", "id"], name="application_status_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="submitted", decided_at__isnull=True)
                | (Q(status__in=["approved", "rejected"]) & Q(decided_at__isnull=False)),
                name="application_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(reason=""),
                name="application_rejected_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(answers={}) | Q(form__isnull=False), name="application_answers_a_form"
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)

    @property
    def answered(self) -> list[tuple[Question, Any]]:
        """The questions that the member has answered, in their order, with the answers."""
        questions = self.form.questions.all() if self.form and self.answers else ()
        return [(row, self.answers[row.key]) for row in questions if row.key in self.answers]
