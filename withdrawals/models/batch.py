"""Batches of manual payouts: what one person pays with one file at the bank."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from withdrawals.models.attempt import Attempt
from withdrawals.models.people import Payee

MAX_NUMBER_LENGTH = 20


class PayoutBatch(models.Model):
    """Manual payouts that one person has claimed together. ``total`` in fen.

    Number, lines and total never change. The outcome of each line is that of its attempt.
    """

    number = models.CharField(_("batch number"), max_length=MAX_NUMBER_LENGTH, unique=True)
    channel = models.CharField(_("channel"), max_length=12, choices=Payee.Channel)
    count = models.PositiveIntegerField(_("payments"))
    total = models.BigIntegerField(_("control total"))
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("paid manually by"),
    )  # fmt: skip
    at = models.DateTimeField(_("created at"))
    exported_at = models.DateTimeField(_("file last downloaded at"), null=True)
    export_count = models.PositiveSmallIntegerField(_("file downloaded"), default=0)

    class Meta:
        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gt=0, total__gt=0), name="payout_batch_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["wechat", "alipay", "bank"]),
                name="payout_batch_channel_valid",
            ),
            models.CheckConstraint(
                condition=Q(export_count=0, exported_at=None)
                | Q(export_count__gt=0, exported_at__isnull=False),
                name="payout_batch_export_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PayoutBatchLine(models.Model):
    """One payment of a batch. A payment is in one batch at most, hence in one file."""

    batch = models.ForeignKey(
        PayoutBatch, models.PROTECT, related_name="lines", db_index=False,
        verbose_name=_("payout batch"),
    )  # fmt: skip
    position = models.PositiveIntegerField(_("line"))
    attempt = models.OneToOneField(
        Attempt, models.PROTECT, related_name="batch_line", verbose_name=_("payment attempt")
    )

    class Meta:
        verbose_name = _("line of a payout batch")
        verbose_name_plural = _("lines of payout batches")
        ordering = ["batch", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "position"], name="payout_batch_line_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(position__gt=0), name="payout_batch_line_position_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.position}"
