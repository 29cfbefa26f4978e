from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class OrderShare(models.Model):
    """The share by which an order came, as it was at placement. Immutable.

    It is the share that the order names, else the one whose visit bound the buyer to the upline
    that they had then. Without a row, the order came by no share.
    """

    class Reason(models.TextChoices):
        NAMED = "named", _("named by the order")
        BOUND = "bound", _("its visit bound the buyer")

    order = models.OneToOneField(
        Order, models.PROTECT, primary_key=True, related_name="came_by", verbose_name=_("order")
    )
    share = models.ForeignKey(
        "sharing.Share", models.PROTECT, related_name="orders", verbose_name=_("share")
    )
    visit = models.ForeignKey(
        "sharing.Visit", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("visit"),
    )  # fmt: skip
    reason = models.CharField(_("why"), max_length=5, choices=Reason)
    tier = models.PositiveSmallIntegerField(
        _("tier of the sharer"), null=True, choices=[(1, "1"), (2, "2")],
        help_text=_("Empty: the sharer earns nothing on the order."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("share of an order")
        verbose_name_plural = _("shares of orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="named") | Q(reason="bound", visit__isnull=False),
                name="order_share_reason_valid",
            ),
            models.CheckConstraint(condition=Q(tier__in=[1, 2]), name="order_share_tier_valid"),
        ]

    def __str__(self) -> str:
        return str(self.share)
