"""The provider's own account of what has moved, kept word for word."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProviderStatement(models.Model):
    """The fund flow bill of one day. The file stays as it came, for good; without rows and content
    it says that nothing moved on that day, in the provider's own word. A bill that comes later all
    the same counts."""

    gateway = models.CharField(_("gateway"), max_length=10)
    day = models.DateField(_("day of the bill"))
    sha1 = models.CharField(_("the provider's hash"), max_length=40)
    content = models.BinaryField(_("file"))
    rows = models.PositiveIntegerField(_("rows"))
    closing_balance = models.BigIntegerField(_("closing balance"))
    imported_at = models.DateTimeField(_("imported at"))
    by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("imported by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("statements")
        ordering = ["-day", "-id"]
        permissions = [("import_bill", _("Can import bills of the provider"))]
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "day"], condition=Q(rows__gt=0), name="statement_unique_day"
            ),
            models.UniqueConstraint(
                fields=["gateway", "day"], condition=Q(rows=0), name="statement_empty_unique_day"
            ),
            models.CheckConstraint(
                condition=Q(sha1__regex="^[0-9a-f]{40}$"), name="statement_sha1_format"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.day}"


class StatementLine(models.Model):
    """One movement in the account at the provider; ``amount`` is negative when it goes out. Fen."""

    class Status(models.TextChoices):
        MATCHED = "matched", _("matched")
        SUSPENDED = "suspended", _("in suspense")
        CLEARED = "cleared", _("cleared later")

    COMES_FROM: ClassVar = {Status.CLEARED: [Status.SUSPENDED]}
    EDITABLE_IN: ClassVar = (Status.SUSPENDED,)

    file = models.ForeignKey(
        ProviderStatement,
        models.PROTECT,
        related_name="lines",
        db_index=False,
        verbose_name=_("bill"),
    )
    line = models.PositiveIntegerField(_("line"))
    number = models.CharField(_("number of the movement"), max_length=64)
    at = models.DateTimeField(_("booked at"))
    provider_no = models.CharField(_("the provider's number"), max_length=64, blank=True)
    name = models.CharField(_("business"), max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=64, blank=True)
    amount = models.BigIntegerField(_("amount"))
    balance = models.BigIntegerField(_("balance after it"))
    applicant = models.CharField(_("asked for by"), max_length=128, blank=True)
    remark = models.CharField(_("remark"), max_length=256, blank=True)
    voucher = models.CharField(_("our number"), max_length=64, blank=True, db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    attempt = models.OneToOneField(
        "withdrawals.Attempt", models.PROTECT, null=True, related_name="statement_line",
        verbose_name=_("attempt to pay"),
    )  # fmt: skip
    document = models.OneToOneField(
        "closing.TreasuryDocument", models.PROTECT, null=True, related_name="statement_line",
        verbose_name=_("document"),
    )  # fmt: skip
    cleared_at = models.DateTimeField(_("cleared at"), null=True)
    cleared_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("cleared by"),
    )  # fmt: skip
    cleared_reason = models.CharField(_("cleared_reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("bill row")
        verbose_name_plural = _("bill rows")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["file"],
                condition=Q(status="suspended"),
                name="statement_line_suspended_idx",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="statement_line_number_unique"),
            models.UniqueConstraint(fields=["file", "line"], name="statement_line_position_unique"),
            models.CheckConstraint(condition=~Q(amount=0), name="statement_line_amount_nonzero"),
            models.CheckConstraint(
                condition=Q(status__in=["matched", "suspended", "cleared"]),
                name="statement_line_status_valid",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="cleared") & Q(cleared_at__isnull=False) & ~Q(cleared_reason="")
                )
                | (~Q(status="cleared") & Q(cleared_at=None, cleared_by=None, cleared_reason="")),
                name="statement_line_cleared_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.number
