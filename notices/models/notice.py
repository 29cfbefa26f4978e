"""What members are informed of."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from events.models import Event
from members.models import Member
from notices.models.kinds import NoticeKind
from notices.models.wording import Wording


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, member: Member) -> NoticeQuerySet:
        """Return a person's own notices, also those of members merged into theirs."""
        return self.of_person(member.pk)

    def of_person(self, member: int) -> NoticeQuerySet:
        return self.filter(member__in=Member.objects.of_person(member).values("pk"))

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """A message to a member about an event, or a trial that a member of staff sends to themselves.

    Title and body follow from kind, wording and data in the reader's language; see
    ``notices.texts``.
    """

    Kind = NoticeKind

    class Target(models.TextChoices):
        """What the client opens."""

        WALLET = "wallet", _("wallet")
        COMMISSIONS = "commissions", _("commissions")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        APPLICATION = "application", _("application")
        CLAIM = "claim", _("claim")
        REFERRER = "referrer", _("upline")
        TEAM = "team", _("team")
        LEVELS = "levels", _("levels")
        INCENTIVE = "incentive", _("incentive")
        AWARD = "award", _("award")

    public_id = PublicIdField()
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="notices", db_index=False, verbose_name=_("member")
    )
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, related_name="+", verbose_name=_("event")
    )
    # Who sent a trial to themselves.
    tester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("tried by"),
    )  # fmt: skip
    # None: the shipped texts.
    wording = models.ForeignKey(
        Wording, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("message template"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    data = models.JSONField(_("data"), default=dict, encoder=DjangoJSONEncoder)
    target = models.CharField(_("target"), max_length=12, choices=Target)
    # Empty where the target is a list, or the member's only one.
    target_id = models.CharField(_("id of the target"), max_length=80, blank=True)
    at = models.DateTimeField(_("happened at"))
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True)

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices to members")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "event"], name="notice_once_per_event"),
            models.CheckConstraint(
                condition=Q(event__isnull=False, tester=None) | Q(event=None, tester__isnull=False),
                name="notice_of_event_or_trial",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="notice_of_member"),
            models.Index(fields=["member", "-id"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["created_at"], name="notice_age"),
            models.Index(fields=["kind", "-id"], name="notice_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} → {self.member}"
