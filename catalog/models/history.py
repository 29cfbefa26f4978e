"""Rows that triggers write: asked prices, and former values."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.goods import Sku


class AskedPrice(models.Model):
    """A price at which an SKU was on sale, and from when until when.

    Triggers write the rows (see ``guards/prices.sql``): a reduction is compared with what was
    really asked, not with what somebody says.
    """

    sku = models.ForeignKey(
        Sku, models.PROTECT, related_name="asked_prices", db_index=False, verbose_name=_("SKU")
    )
    price = models.BigIntegerField(_("price"), help_text=_("In fen."))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("asked price")
        verbose_name_plural = _("asked prices")
        ordering = ["sku", "since"]
        indexes = [models.Index(fields=["sku", "until"], name="askedprice_sku_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")),
                name="askedprice_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["sku"], condition=Q(until=None), name="askedprice_one_now"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id} {self.price}"


class CatalogHistory(models.Model):
    """A former value and the end of its validity, for orders that arrive late.

    Triggers insert the rows (see ``guards/history.sql``).
    """

    class Kind(models.TextChoices):
        PRODUCT = "product", _("category of a product")
        CATEGORY = "category", _("parent of a category")
        SKU = "sku", _("cost of an SKU")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    row_id = models.BigIntegerField(_("row"))
    value = models.BigIntegerField(_("value"), null=True)
    valid_until = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("former value")
        verbose_name_plural = _("former values")
        indexes = [
            models.Index(fields=["kind", "row_id", "valid_until"], name="catalog_history_row_idx"),
            models.Index(fields=["valid_until"], name="catalog_history_until_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id} {self.valid_until}"
