"""The provider's statements and their lines."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProviderStatement(models.Model):
    """The fund flow statement of one day; the original file is saved and never changes.

    A statement without content and lines records that the provider had none for the day. A real one
    may still follow.
    """

    gateway = models.CharField(_("gateway"), max_length=10)
    day = models.DateField(_("statement date"))
    sha1 = models.CharField(_("SHA1 from the provider"), max_length=40)
    content = models.BinaryField(_("file"))
    rows = models.PositiveIntegerField(_("lines"))
    closing_balance = models.BigIntegerField(_("closing balance"))
    imported_at = models.DateTimeField(_("imported at"))
    by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("imported by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-day", "-id"]
        permissions = [("import_bill", _("Can import provider statements"))]
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
    """One movement of the provider account in fen; ``amount`` is negative for an expense."""

    class Status(models.TextChoices):
        MATCHED = "matched", _("matched")
        SUSPENDED = "suspended", _("in suspense")
        CLEARED = "cleared", _("cleared")

    COMES_FROM: ClassVar = {Status.CLEARED: [Status.SUSPENDED]}
    EDITABLE_IN: ClassVar = (Status.SUSPENDED,)

    statement = models.ForeignKey(
        ProviderStatement,
        models.PROTECT,
        related_name="lines",
        db_index=False,
        verbose_name=_("statement"),
    )
    line = models.PositiveIntegerField(_("line"))
    number = models.CharField(_("movement number"), max_length=64)
    at = models.DateTimeField(_("booked at"))
    provider_no = models.CharField(_("provider number"), max_length=64, blank=True)
    name = models.CharField(_("business name"), max_length=64, blank=True)
    kind = models.CharField(_("kind"), max_length=64, blank=True)
    amount = models.BigIntegerField(_("amount"))
    balance = models.BigIntegerField(_("balance after"))
    applicant = models.CharField(_("requested by"), max_length=128, blank=True)
    remark = models.CharField(_("remark"), max_length=256, blank=True)
    voucher = models.CharField(_("our number"), max_length=64, blank=True, db_index=True)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    attempt = models.OneToOneField(
        "withdrawals.Attempt", models.PROTECT, null=True, related_name="statement_line",
        verbose_name=_("payment attempt"),
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
    cleared_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["statement"],
                condition=Q(status="suspended"),
                name="statement_line_suspended_idx",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="statement_line_number_unique"),
            models.UniqueConstraint(
                fields=["statement", "line"], name="statement_line_position_unique"
            ),
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
