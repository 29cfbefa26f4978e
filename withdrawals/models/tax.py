"""Withheld tax: a row to lock for each member and year, and an entry for each payout."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from withdrawals.models.base import member_field


class TaxYear(models.Model):
    """The lock of a member's year: their payouts are taxed one after the other."""

    member = member_field(related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))

    class Meta:
        verbose_name = _("tax year")
        verbose_name_plural = _("tax years")
        constraints = [models.UniqueConstraint("member", "year", name="tax_year_member_unique")]

    def __str__(self) -> str:
        return f"{self.member} {self.year}"


class TaxEntry(models.Model):
    """The tax of one attempt: reserved at its start, released if it is proven unpaid or returned.

    Income counts in the Shanghai month in which the attempt started. Amounts in fen.
    """

    attempt = models.OneToOneField(
        "withdrawals.Attempt", models.PROTECT, primary_key=True, related_name="tax_entry",
        verbose_name=_("attempt"),
    )  # fmt: skip
    member = member_field(related_name="tax_entries", db_index=False)
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    income = models.BigIntegerField(_("income"))
    award_income = models.BigIntegerField(_("of it awards"), db_default=0)
    withheld = models.BigIntegerField(_("withheld"))
    regime = models.CharField(_("tax regime"), max_length=20)
    regime_version = models.PositiveIntegerField(_("version of the regime"))
    inputs = models.JSONField(_("computed from"))
    released_at = models.DateTimeField(_("tax released at"), null=True)

    class Meta:
        verbose_name = _("tax entry")
        verbose_name_plural = _("tax entries")
        indexes = [
            models.Index(fields=["member", "year", "month"], name="tax_entry_member_month_idx")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(income__gt=0, withheld__gte=0, withheld__lte=F("income")),
                name="tax_entry_within_income",
            ),
            models.CheckConstraint(
                condition=Q(award_income__gte=0, award_income__lte=F("income")),
                name="tax_entry_awards_within_income",
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="tax_entry_month_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.year}-{self.month:02}"
