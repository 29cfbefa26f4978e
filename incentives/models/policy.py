"""The settings of incentives, maintained by operations and finance."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton


class Policy(Singleton):
    most_of_an_order = models.PositiveIntegerField(
        _("most of an order"), default=6_000,
        help_text=_(
            "Basis points of what an order paid for goods. Incentives by which commissions and"
            " awards together could come to more are not published, and each award is limited by"
            " it. 6000 is 60 %."
        ),
    )  # fmt: skip
    pays_members_cash = models.BooleanField(
        _("cash for members who are no distributors"), default=False,
        help_text=_(
            "Only with a marketing scene of the payment provider. Otherwise they get store credit,"
            " points or coupons."
        ),
    )  # fmt: skip
    confirm_above = models.PositiveBigIntegerField(
        _("second person from"), default=100_000,
        help_text=_("In fen: the awards of a close that come to more wait for a second person."),
    )  # fmt: skip

    class Meta(Singleton.Meta):
        verbose_name = _("settings of incentives")
        verbose_name_plural = _("settings of incentives")
        constraints = [
            *Singleton.Meta.constraints,
            models.CheckConstraint(
                condition=Q(most_of_an_order__gt=0, most_of_an_order__lte=10_000),
                name="incentives_most_of_an_order_within_price",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
