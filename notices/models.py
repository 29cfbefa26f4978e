"""Messages to members about what happened to them."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from events.models import Event
from members.models import Member


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, member: Member) -> NoticeQuerySet:
        """Return a person's own notices, also those of members merged into theirs."""
        return self.of_person(member.pk)

    def of_person(self, member: int) -> NoticeQuerySet:
        return self.filter(member__in=Member.objects.of_person(member).values("pk"))

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """A message to a member about an event.

    Title and body follow from kind and data in the reader's language; see ``notices.texts``.
    """

    class Kind(models.TextChoices):
        ACCRUED = "accrued", _("new commission")
        CREDITED = "credited", _("commission credited")
        CLAWED_BACK = "clawed_back", _("commission taken back")
        WITHDRAWAL_APPROVED = "withdrawal_approved", _("withdrawal approved")
        WITHDRAWAL_REJECTED = "withdrawal_rejected", _("withdrawal rejected")
        WITHDRAWAL_READY = "withdrawal_ready", _("withdrawal waits to be collected")
        WITHDRAWAL_PAID = "withdrawal_paid", _("withdrawal paid")
        WITHDRAWAL_FAILED = "withdrawal_failed", _("withdrawal failed")
        APPLICATION_APPROVED = "application_approved", _("application approved")
        APPLICATION_REJECTED = "application_rejected", _("application rejected")
        CLAIM_ANSWERED = "claim_answered", _("claim answered")
        UPLINE_BOUND = "upline_bound", _("bound to an upline")
        DIRECT_JOINED = "direct_joined", _("new member in the team")
        LEVEL_CHANGED = "level_changed", _("level changed")

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

    public_id = PublicIdField()
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="notices", db_index=False, verbose_name=_("member")
    )
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name=_("event"))
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
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "event"], name="notice_once_per_event"),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="notice_of_member"),
            models.Index(fields=["member", "-id"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["created_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.member}"


AVAILABLE = Q(spent__lt=Greatest("reported", "confirmed"))


class Consent(models.Model):
    """How many subscribe messages of a template a member still accepts.

    Phone and WeChat both tell of the same consents, so each has a count of its own, and the larger
    one counts; ``spent`` are the messages that were sent since.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="+", db_index=False, verbose_name=_("member")
    )
    template = models.CharField(_("template"), max_length=64)
    reported = models.PositiveIntegerField(_("reported by the phone"), default=0)
    confirmed = models.PositiveIntegerField(_("confirmed by WeChat"), default=0)
    spent = models.PositiveIntegerField(_("spent"), default=0)

    class Meta:
        verbose_name = _("consent to messages")
        verbose_name_plural = _("consents to messages")
        constraints = [
            models.UniqueConstraint(fields=["member", "template"], name="consent_unique"),
            models.CheckConstraint(
                condition=Q(spent__lte=Greatest("reported", "confirmed")),
                name="consent_not_overspent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} · {self.member}"

    @property
    def available(self) -> int:
        return max(self.reported, self.confirmed) - self.spent


class Message(models.Model):
    """A notice on its way to WeChat as a subscribe message."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        # Taken by a worker; it stays so if the worker died, because it may have been sent.
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused by the member")
        FAILED = "failed", _("not sent")
        UNKNOWN = "unknown", _("perhaps sent")
        LAPSED = "lapsed", _("without consent, or too late")

    notice = models.OneToOneField(
        Notice, models.CASCADE, related_name="message", verbose_name=_("notice")
    )
    # Not merged into another: a person's head.
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="+", db_index=False, verbose_name=_("member")
    )
    template = models.CharField(_("template"), max_length=64)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    wechat_id = models.CharField(_("WeChat's id"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("subscribe message")
        verbose_name_plural = _("subscribe messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "waiting", "claimed", "sent", "refused", "failed", "unknown", "lapsed",
                    ]
                ),
                name="message_status_valid",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="message_due"),
            models.Index(fields=["member"], name="message_of_member"),
            models.Index(
                fields=["wechat_id"], condition=~Q(wechat_id=""), name="message_wechat_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} · {self.notice}"
