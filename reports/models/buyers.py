"""Whether buyers whom distributors brought come back, by month."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BuyerChange(models.Model):
    """A buyer whose months are to be computed again; triggers write it."""

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("member"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("change of a buyer")
        verbose_name_plural = _("changes of buyers")

    def __str__(self) -> str:
        return str(self.member_id)


class BuyerMonth(models.Model):
    """A month in which a brought buyer paid orders.

    ``cohort``: the month of the first paid order for which an upline earns. A merged member is
    the survivor.
    """

    buyer = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("buyer"),
    )  # fmt: skip
    cohort = models.DateField(_("month of the first order"))
    month = models.DateField(_("month"))
    orders = models.IntegerField(_("paid orders"))

    class Meta:
        verbose_name = _("month of a buyer")
        verbose_name_plural = _("months of buyers")
        constraints = [
            models.UniqueConstraint(fields=["buyer", "month"], name="buyer_month_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    cohort__day=1, month__day=1, month__gte=models.F("cohort"), orders__gt=0
                ),
                name="buyer_month_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id} {self.month}"


class Retention(models.Model):
    """How many of the buyers who were brought in one month paid orders in another."""

    cohort = models.DateField(_("month of the first order"))
    month = models.DateField(_("month"))
    buyers = models.BigIntegerField(_("buyers"), db_default=0)
    orders = models.BigIntegerField(_("paid orders"), db_default=0)

    class Meta:
        verbose_name = _("retention of buyers")
        verbose_name_plural = _("retention of buyers")
        constraints = [models.UniqueConstraint(fields=["cohort", "month"], name="retention_unique")]

    def __str__(self) -> str:
        return f"{self.cohort} {self.month}"
