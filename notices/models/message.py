"""Consents to subscribe messages of WeChat, and the messages."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from members.models import Member
from notices.models.notice import Notice

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

    class Failure(models.TextChoices):
        NO_CONSENT = "no_consent", _("The member's consents are used up.")
        TOO_LATE = "too_late", _("It was older than a day before it could be sent.")
        REFUSED = "refused", _("The member does not want messages of this template.")
        NO_OPENID = "no_openid", _("The member has never signed in to the mini-program.")
        # Codes of WeChat.
        OPENID = "40003", _("WeChat does not know the member in this mini-program.")
        TEMPLATE = "40037", _("WeChat does not know the template: its id in the settings is wrong.")
        PAGE = "41030", _("The mini-program has no such page: correct it in the settings.")
        BLOCKED = "43108", _("The member does not accept messages of this template for now.")
        FIELDS = "47003", _("A text or a field does not fit the template.")
        NOT_REACHED = "not_reached", _("WeChat could not be reached in five attempts.")
        UNANSWERED = "unanswered", _("WeChat did not answer, so it may have been sent.")
        NOT_DELIVERED = "not_delivered", _("WeChat accepted it and could not deliver it.")

    COMES_FROM: ClassVar = {
        # Not sent for certain: an attempt is made again, or a person sends it again.
        Status.WAITING: [Status.CLAIMED, Status.FAILED, Status.LAPSED],
        Status.CLAIMED: [Status.WAITING],
        Status.SENT: [Status.CLAIMED],
        Status.REFUSED: [Status.CLAIMED, Status.SENT],
        Status.FAILED: [Status.CLAIMED, Status.SENT],
        Status.UNKNOWN: [Status.CLAIMED],
        Status.LAPSED: [Status.WAITING],
    }
    RESENDABLE: ClassVar = [Status.FAILED, Status.LAPSED]

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
    failure = models.CharField(
        _("why not"), max_length=16, choices=Failure, blank=True, db_default=""
    )
    # Of its present status, unless it waits.
    ended_at = models.DateTimeField(_("ended at"), null=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("sent again by"),
    )  # fmt: skip
    resent_at = models.DateTimeField(_("sent again at"), null=True)

    class Meta:
        ordering = ["-id"]
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
            models.CheckConstraint(
                condition=Q(resent_at=None, resent_by=None)
                | Q(resent_at__isnull=False, resent_by__isnull=False),
                name="message_resent_complete",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="message_due"),
            models.Index(fields=["member"], name="message_of_member"),
            models.Index(fields=["status", "-id"], name="message_by_status"),
            models.Index(
                fields=["failure", "-id"], condition=~Q(failure=""), name="message_by_failure"
            ),
            models.Index(fields=["ended_at"], name="message_ended"),
            models.Index(
                fields=["wechat_id"], condition=~Q(wechat_id=""), name="message_wechat_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} · {self.notice}"
