"""The sums of the whole shop, by day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.chart import Asset


class ShopDay(models.Model):
    """The sums of the whole shop on a day in Shanghai, without what is not folded yet.

    In minor units of the asset. ``orders``, ``sales`` and ``commissions`` of both tiers: by the
    day of payment, after refunds. ``credited``, ``taken_back``, ``paid_out`` and ``payouts``: by
    the day of the transfer. ``pending`` and ``protected`` are what the commissions are now: they
    stand only in the row of 1970-01-01.
    """

    OF_COMMISSIONS = ("orders", "sales", "commissions", "pending", "protected")
    OF_TRANSFERS = ("credited", "taken_back", "paid_out", "payouts")

    day = models.DateField(_("day of the sums"))
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    orders = models.BigIntegerField(_("orders"), db_default=0)
    sales = models.BigIntegerField(_("sales"), db_default=0)
    commissions = models.BigIntegerField(_("commissions"), db_default=0)
    pending = models.BigIntegerField(_("pending"), db_default=0)
    protected = models.BigIntegerField(_("protected"), db_default=0)
    credited = models.BigIntegerField(_("credited"), db_default=0)
    taken_back = models.BigIntegerField(_("taken back"), db_default=0)
    paid_out = models.BigIntegerField(_("paid out"), db_default=0)
    payouts = models.BigIntegerField(_("payouts"), db_default=0)
    distributors = models.BigIntegerField(_("new distributors"), db_default=0)
    first_transfer = models.BigIntegerField(
        _("first transfer"), null=True,
        help_text=_("No credit of the day has a lower key."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("sums of the shop")
        verbose_name_plural = _("sums of the shop")
        constraints = [
            models.UniqueConstraint(fields=["day", "asset"], name="shop_day_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.asset}"
