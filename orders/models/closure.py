from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class ClosureDecision(models.Model):
    """What a person decided about the goods that were left when a paid order was closed."""

    class Outcome(models.TextChoices):
        CREDIT = "credit", _("credit")
        REFUND = "refund", _("treat as refunded")

    order = models.OneToOneField(
        Order, models.PROTECT, related_name="closure_decision", verbose_name=_("order")
    )
    outcome = models.CharField(_("decision"), max_length=6, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision about a closed order")
        verbose_name_plural = _("decisions about closed orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["credit", "refund"]), name="closure_outcome_valid"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="closure_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_outcome_display()}"
