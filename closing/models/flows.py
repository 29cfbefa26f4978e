"""What moved between the kinds of accounts on each day, and how far it is folded."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.chart import Asset, Kind, Reason
from ledger.models import TransferPosition


class DayFlow(models.Model):
    """The sum of a day's transfers of one reason from one kind of account to another.

    ``day``: that on which they are effective, in Shanghai. In minor units, without transfers that
    are not folded yet.
    """

    day = models.DateField(_("day"))
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    debit_kind = models.CharField(_("debited account"), max_length=20, choices=Kind)
    credit_kind = models.CharField(_("credited account"), max_length=20, choices=Kind)
    amount = models.BigIntegerField(_("amount"))
    count = models.BigIntegerField(_("transfers"))

    class Meta:
        verbose_name = _("flow of a day")
        verbose_name_plural = _("flows of days")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "asset", "reason", "debit_kind", "credit_kind"],
                name="day_flow_unique",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, count__gt=0), name="day_flow_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.debit_kind} → {self.credit_kind}"


class FoldedFlows(TransferPosition):
    """Up to which transfer the days are folded."""

    class Meta(TransferPosition.Meta):
        verbose_name = _("folded flows")
        verbose_name_plural = _("folded flows")
