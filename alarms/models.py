"""Alarms, and the periodic jobs whose silence is one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alarms.job_titles import title_of
from alarms.kinds import REGISTRY, AlarmKind
from common.base_models import PublicIdField
from events.models import Reference


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def unclosed(self) -> AlarmQuerySet:
        return self.exclude(status=Alarm.Status.CLOSED)

    def about(self, kind: AlarmKind, subject: Reference) -> AlarmQuerySet:
        return self.filter(kind=kind.code, subject_kind=subject.kind, subject_id=subject.id)


class Alarm(models.Model):
    """Something that a person must look at; one row that is not closed a kind and subject."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SEEN = "seen", _("seen")
        CLOSED = "closed", _("closed")

    COMES_FROM: ClassVar = {
        Status.OPEN: [],
        Status.SEEN: [Status.OPEN],
        Status.CLOSED: [Status.OPEN, Status.SEEN],
    }
    EDITABLE_IN: ClassVar = (Status.OPEN, Status.SEEN)

    public_id = PublicIdField()
    # No CHECK: alarms of a kind that no longer exists can still be read.
    kind = models.CharField(_("kind"), max_length=40)
    subject_kind = models.CharField(_("subject kind"), max_length=80)
    subject_id = models.CharField(_("subject"), max_length=161)
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.OPEN)
    count = models.PositiveIntegerField(_("times seen"), default=1)
    first_seen = models.DateTimeField(_("first seen at"))
    last_seen = models.DateTimeField(_("last seen at"))
    detail = models.JSONField(_("detail"), default=dict, encoder=DjangoJSONEncoder)
    # Users live in a higher room: their names, as events hold them by reference.
    seen_by = models.CharField(_("seen by"), max_length=150, blank=True)
    seen_at = models.DateTimeField(_("marked as seen at"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    close_reason = models.CharField(_("close reason"), max_length=200, blank=True)
    notified_at = models.DateTimeField(_("last notified at"))

    objects: ClassVar[models.Manager[Alarm]] = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id"],
                condition=~Q(status="closed"),
                name="alarm_unclosed_unique",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "seen", "closed"]), name="alarm_status_valid"
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1, last_seen__gte=F("first_seen")), name="alarm_count_valid"
            ),
            models.CheckConstraint(
                condition=~Q(status="seen") | (Q(seen_at__isnull=False) & ~Q(seen_by="")),
                name="alarm_seen_by_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(status="closed", closed_at__isnull=False) & ~Q(close_reason=""))
                | (~Q(status="closed") & Q(closed_at=None, closed_by="", close_reason="")),
                name="alarm_closed_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Reference:
        return Reference(self.subject_kind, self.subject_id)

    @property
    def name(self) -> str:
        """What has happened."""
        return str(self.type.title if self.type else self.kind)

    @property
    def type(self) -> AlarmKind | None:
        """The declared kind; ``None`` if it no longer exists."""
        return REGISTRY.get(self.kind)


class Job(models.Model):
    """A periodic job and its last runs, as the workers report them."""

    name = models.CharField(_("job"), max_length=120, unique=True)
    since = models.DateTimeField(_("known since"))
    started_at = models.DateTimeField(_("last started at"), null=True)
    finished_at = models.DateTimeField(_("last finished at"), null=True)
    failed_at = models.DateTimeField(_("last failed at"), null=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("periodic job")
        verbose_name_plural = _("periodic jobs")
        ordering = ["name"]

    def __str__(self) -> str:
        return title_of(self.name)


class Digest(models.Model):
    """What waits for one person of the staff, sent at hours that they chose themselves."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("mail")
        ROBOT = "robot", _("group robot")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("staff user"), related_name="+"
    )
    channel = models.CharField(_("by"), max_length=8, choices=Channel)
    robot_url_encrypted = models.TextField(_("address of the robot"), blank=True)
    # Shanghai time, as all hours that people choose.
    hours = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("at the hours"))
    weekdays_only = models.BooleanField(_("only from Monday to Friday"), default=True)
    only_late = models.BooleanField(_("only if something waits too long"), default=False)
    sent_at = models.DateTimeField(_("last sent at"))
    error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("digest of what waits")
        verbose_name_plural = _("digests of what waits")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="mail", robot_url_encrypted="")
                | (Q(channel="robot") & ~Q(robot_url_encrypted="")),
                name="digest_robot_has_url",
            ),
            models.CheckConstraint(
                condition=Q(hours__len__gte=1, hours__contained_by=list(range(24))),
                name="digest_hours_valid",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
