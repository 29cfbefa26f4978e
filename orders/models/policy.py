from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton


class Policy(Singleton):
    class SelfPurchase(models.TextChoices):
        UPLINE = "upline", _("pays the distributor's upline")
        SELF = "self", _("pays the distributor")

    protection_days = models.PositiveSmallIntegerField(
        _("protection period in days"), default=7,
        help_text=_("From receipt. A change touches no order that is received already."),
    )  # fmt: skip
    self_purchase = models.CharField(
        _("a distributor's own order"), max_length=8, choices=SelfPurchase,
        default=SelfPurchase.UPLINE,
    )  # fmt: skip
    refund_alarm_days = models.PositiveSmallIntegerField(
        _("days until an approved refund raises an alarm"), default=7
    )
    receipt_alarm_days = models.PositiveSmallIntegerField(
        _("days until an order shipped and not received raises an alarm"), default=30
    )

    assumed_receipt_days = models.PositiveSmallIntegerField(
        _("days after shipping until an order counts as received"), null=True, blank=True,
        help_text=_(
            "Empty: never, it only raises an alarm. A receipt that the mall reports later counts"
            " instead, while the protection lasts."
        ),
    )  # fmt: skip

    class Meta(Singleton.Meta):
        verbose_name = _("order policy")
        verbose_name_plural = _("order policy")
        constraints = [
            *Singleton.Meta.constraints,
            models.CheckConstraint(
                condition=Q(protection_days__lte=365), name="policy_protection_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(assumed_receipt_days=None) | Q(assumed_receipt_days__range=(7, 365)),
                name="policy_assumed_receipt_within_limits",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
