"""What the shop sold: by day and month, product, category, province and channel."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SalesSums(models.Model):
    """The figures of paid orders, on the day of their payment; amounts in fen.

    ``promoted``: orders with a distributor in tier 1. ``quantity``: units that were bought;
    ``returned_quantity``: those of them that were refunded. ``sales``: paid for goods, after
    refunds; ``returned``: what was refunded. ``commission1`` and ``commission2``: the cash
    commissions of each tier, after refunds.
    """

    FIGURES = (
        "orders", "promoted", "quantity", "returned_quantity", "sales", "promoted_sales",
        "returned", "commission1", "commission2",
    )  # fmt: skip
    OF_LINES = (
        "orders", "quantity", "returned_quantity", "sales", "returned", "commission1",
        "commission2",
    )  # fmt: skip
    """What a change of a line has; the other figures follow from its order."""

    orders = models.BigIntegerField(_("paid orders"), db_default=0)
    quantity = models.BigIntegerField(_("units sold"), db_default=0)
    returned_quantity = models.BigIntegerField(_("units refunded"), db_default=0)
    sales = models.BigIntegerField(_("sales"), db_default=0)
    returned = models.BigIntegerField(_("refunded sales"), db_default=0)
    commission1 = models.BigIntegerField(_("commissions of tier 1"), db_default=0)
    commission2 = models.BigIntegerField(_("commissions of tier 2"), db_default=0)

    class Meta:
        abstract = True


class SalesDelta(SalesSums):
    """What one statement changed of a paid order line, until it is folded.

    Triggers write it in the transaction of the change: see reports/guards/sales.sql. ``orders``
    is 1 for each line: the fold counts an order once for each product, category and so on.
    """

    line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("order line"),
    )  # fmt: skip
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("change of sales")
        verbose_name_plural = _("changes of sales")

    def __str__(self) -> str:
        return f"{self.line_id} {self.day}"


class SalesFigures(SalesSums):
    """The sales of all orders that have something in common, in a day or month.

    Without what is not folded yet. ``key``: the primary key of the product or category, the
    province, the channel; empty for the whole shop, an unknown province, and orders without a
    share. A category includes those below it.
    """

    class Kind(models.TextChoices):
        SHOP = "shop", _("whole shop")
        PRODUCT = "product", _("product")
        CATEGORY = "category", _("category")
        PROVINCE = "province", _("province")
        CHANNEL = "channel", _("channel")

    class Period(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")

    kind = models.CharField(_("figures of each"), max_length=8, choices=Kind)
    key = models.CharField(_("key"), max_length=20, blank=True)
    period = models.CharField(_("period"), max_length=5, choices=Period)
    start = models.DateField(_("first day"))
    promoted = models.BigIntegerField(_("orders of distributors"), db_default=0)
    promoted_sales = models.BigIntegerField(_("sales of distributors"), db_default=0)

    class Meta:
        verbose_name = _("sales figures")
        verbose_name_plural = _("sales figures")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "period", "start"], name="sales_figures_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["shop", "product", "category", "province", "channel"]),
                name="sales_figures_kind_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(period="day") | models.Q(period="month", start__day=1),
                name="sales_figures_period_valid",
            ),
        ]
        # All rows of a kind in some days or months.
        indexes = [models.Index("kind", "period", "start", name="sales_figures_of_days")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key} {self.start}"


class OrderProvince(models.Model):
    """The province of the buyer when an order was placed that names no region of its own.

    A trigger writes it: where somebody lives later does not move the sales of before.
    """

    order = models.OneToOneField(
        "orders.Order", models.PROTECT, primary_key=True, related_name="+", db_constraint=False,
        verbose_name=_("order"),
    )  # fmt: skip
    province = models.CharField(_("province"), max_length=3)

    class Meta:
        verbose_name = _("province of an order")
        verbose_name_plural = _("provinces of orders")

    def __str__(self) -> str:
        return f"{self.order_id} {self.province}"
