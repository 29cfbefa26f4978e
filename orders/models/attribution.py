from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class Attribution(models.Model):
    """The distributors who earn on an order, as they were at placement. Immutable.

    Two sets of columns: there is no third tier. A tier also names a distributor who was not active
    and earns nothing; nobody moves up.
    """

    class Reason(models.TextChoices):
        NO_UPLINE = "no_upline", _("no upline")
        UPLINE = "upline", _("upline of the buyer")
        SELF = "self", _("the buyer's own distribution")
        UPLINE_OF_TIER_1 = "upline_of_1", _("upline of tier 1")

    order = models.OneToOneField(
        Order, models.PROTECT, primary_key=True, related_name="attribution",
        verbose_name=_("order"),
    )  # fmt: skip
    tier1 = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("tier 1"),
    )  # fmt: skip
    tier1_reason = models.CharField(_("why tier 1"), max_length=12, choices=Reason)
    tier1_status = models.CharField(_("status of tier 1"), max_length=10, blank=True)
    tier1_level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level of tier 1"),
    )  # fmt: skip
    tier1_segment = models.ForeignKey(
        "distribution.Segment", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("segment of tier 1"),
    )  # fmt: skip
    tier2 = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("tier 2"),
    )  # fmt: skip
    tier2_reason = models.CharField(_("why tier 2"), max_length=12, choices=Reason)
    tier2_status = models.CharField(_("status of tier 2"), max_length=10, blank=True)
    tier2_level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level of tier 2"),
    )  # fmt: skip
    tier2_segment = models.ForeignKey(
        "distribution.Segment", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("segment of tier 2"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("attribution")
        verbose_name_plural = _("attributions")
        constraints = [
            models.CheckConstraint(
                condition=Q(tier2=None) | (Q(tier1__isnull=False) & ~Q(tier1=F("tier2"))),
                name="attribution_tiers_differ",
            ),
            models.CheckConstraint(
                condition=(Q(tier1=None, tier1_reason="no_upline", tier1_status=""))
                | (
                    Q(tier1__isnull=False, tier1_reason__in=["upline", "self"])
                    & ~Q(tier1_status="")
                ),
                name="attribution_tier1_has_reason",
            ),
            models.CheckConstraint(
                condition=(Q(tier2=None, tier2_reason="no_upline", tier2_status=""))
                | (Q(tier2__isnull=False, tier2_reason="upline_of_1") & ~Q(tier2_status="")),
                name="attribution_tier2_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)
