"""Members' authorizations of payouts that they need not confirm (免确认收款授权)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from withdrawals.models.attempt import Evidence
from withdrawals.models.base import OwnedQuerySet, member_field

CONFIRMATION_WINDOW = timedelta(days=1)


class AuthorizationQuerySet(OwnedQuerySet["PayoutAuthorization"]):
    def live(self) -> AuthorizationQuerySet:
        """Return those that are in effect, or may come into effect."""
        return self.exclude(status=PayoutAuthorization.Status.CLOSED)


class PayoutAuthorization(models.Model):
    """One authorization at WeChat Pay under one number, for one account.

    It is stored before anything is sent. Only a signed answer to a query lets it take effect or
    closes it; closed it stays closed, and another one gets another number.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("asked WeChat Pay")
        WAIT_USER_CONFIRM = "wait_user_confirm", _("awaiting the member's confirmation")
        TAKING_EFFECT = "taking_effect", _("in effect")
        CLOSED = "closed", _("closed")

    COMES_FROM: ClassVar = {
        Status.ASKED: [],
        Status.WAIT_USER_CONFIRM: [Status.ASKED],
        Status.TAKING_EFFECT: [Status.ASKED, Status.WAIT_USER_CONFIRM],
        Status.CLOSED: [Status.ASKED, Status.WAIT_USER_CONFIRM, Status.TAKING_EFFECT],
    }
    UNDECIDED: ClassVar = (Status.ASKED, Status.WAIT_USER_CONFIRM)
    # The fields that answers change.
    MUTABLE_FIELDS: ClassVar = (
        "status", "authorization_encrypted", "package_info", "close_reason", "last_error",
        "evidence", "poll_count", "authorized_at", "closed_at", "next_poll_at",
    )  # fmt: skip

    member = member_field(related_name="authorizations")
    number = models.CharField(_("number at the provider"), max_length=32, unique=True)
    merchant = models.CharField(_("merchant"), max_length=32)
    app = models.CharField(_("app id"), max_length=32)
    account_encrypted = models.TextField(_("encrypted account"))
    account_fingerprint = models.CharField(_("fingerprint of the account"), max_length=64)
    display_name = models.CharField(_("name of the account in the shop"), max_length=32)
    status = models.CharField(_("status"), max_length=18, choices=Status, default=Status.ASKED)
    authorization_encrypted = models.TextField(_("encrypted authorization"), blank=True)
    package_info = models.TextField(_("for the member's phone"), blank=True)
    close_reason = models.CharField(_("reason of the end"), max_length=64, blank=True)
    last_error = models.CharField(_("last error"), max_length=64, blank=True)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, related_name="+", verbose_name=_("evidence")
    )
    send_count = models.PositiveSmallIntegerField(_("times sent"), default=0)
    poll_count = models.PositiveIntegerField(_("times polled"), default=0)
    asked_at = models.DateTimeField(_("asked for at"))
    authorized_at = models.DateTimeField(_("authorized at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    next_poll_at = models.DateTimeField(_("next poll at"), null=True)

    objects: ClassVar[models.Manager[PayoutAuthorization]] = AuthorizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout authorization")
        verbose_name_plural = _("payout authorizations")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_poll_at"],
                condition=Q(next_poll_at__isnull=False),
                name="authorization_due_idx",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account_fingerprint"],
                condition=Q(closed_at=None),
                name="authorization_live_unique",
            ),
            models.CheckConstraint(
                condition=Q(number__regex="^[0-9A-Za-z]{1,32}$"), name="authorization_number_format"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "wait_user_confirm", "taking_effect", "closed"]),
                name="authorization_status_valid",
            ),
            models.CheckConstraint(
                condition=~Q(status="taking_effect")
                | (
                    Q(authorized_at__isnull=False, evidence__isnull=False)
                    & ~Q(authorization_encrypted="")
                ),
                name="authorization_effect_has_evidence",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="closed", closed_at__isnull=False, next_poll_at=None)
                    & Q(evidence__isnull=False)
                    & ~Q(close_reason="")
                )
                | (~Q(status="closed") & Q(closed_at=None, close_reason="")),
                name="authorization_end_has_evidence",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_pending(self) -> bool:
        """Whether WeChat Pay has not answered yet: the next request may have the page."""
        return self.status in self.UNDECIDED and not self.package_info

    @property
    def expires_at(self) -> datetime | None:
        """Until when the member can confirm it; ``None`` once that is decided."""
        return self.asked_at + CONFIRMATION_WINDOW if self.status in self.UNDECIDED else None
