"""What transfers changed in each month, and how far they are folded."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.chart import Reason
from ledger.models import TransferPosition


class MonthMovements(models.Model):
    """What the transfers of a month changed of a member's account, without what is not folded yet.

    ``group``: the reason of the transfers; ``tier1`` and ``tier2`` of credited commissions;
    ``returned`` of a payout that came back. ``amount`` in minor units, on the account's normal
    side: below 0 it went out. All transfers of a row have keys from ``first`` to ``last``.
    """

    GROUPS: ClassVar = [
        ("tier1", _("commissions of own orders")),
        ("tier2", _("commissions of the team")),
        ("returned", _("payouts that came back")),
        *Reason.choices,
    ]

    # Without a constraint: accounts are never deleted.
    account = models.ForeignKey(
        "ledger.Account", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("account"),
    )  # fmt: skip
    month = models.DateField(_("month"))
    group = models.CharField(_("kind of movement"), max_length=12, choices=GROUPS)
    incoming = models.BooleanField(_("came in"))
    count = models.IntegerField(_("number of transfers"))
    amount = models.BigIntegerField(_("amount"))
    first = models.BigIntegerField(_("first transfer"))
    last = models.BigIntegerField(_("last transfer"))

    class Meta:
        verbose_name = _("movements of a month")
        verbose_name_plural = _("movements of months")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month", "group", "incoming"], name="month_movements_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="month_movements_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month} {self.group}"


class FoldedTransfers(TransferPosition):
    """Up to which transfer the months are folded."""

    class Meta(TransferPosition.Meta):
        verbose_name = _("folded transfers")
        verbose_name_plural = _("folded transfers")
