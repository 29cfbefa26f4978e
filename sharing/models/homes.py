"""The home pages of distributors."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from distribution.models import Distributor

MAX_PRODUCTS = 50
MAX_LINE = 60


class HomePage(models.Model):
    """The page of a distributor, at the distributor's code. Without a row it is empty."""

    distributor = models.OneToOneField(
        Distributor, models.PROTECT, primary_key=True, related_name="home",
        verbose_name=_("distributor"),
    )  # fmt: skip
    line = models.CharField(_("line"), max_length=MAX_LINE, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        return str(self.distributor)


class HomeProduct(models.Model):
    """A product that a distributor has chosen, in their order."""

    home = models.ForeignKey(
        HomePage, models.CASCADE, related_name="products", verbose_name=_("home page"),
        db_index=False,
    )  # fmt: skip
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product")
    )
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("product of a home page")
        verbose_name_plural = _("products of a home page")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["home", "product"], name="home_product_once"),
            models.UniqueConstraint(
                fields=["home", "position"], name="home_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(position__lt=MAX_PRODUCTS), name="home_products_limited"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.position} {self.product}"
