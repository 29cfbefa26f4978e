"""Proposals to accept conflicts of orders whose commissions are credited already."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Proposal, decision_complete, four_eyes


class ConflictAcceptance(Proposal):
    """Proposed by one person, agreed to or refused by another: it takes credited money back."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed to")
        REFUSED = "refused", _("refused")

    COMES_FROM: ClassVar = {
        Status.AGREED: [Status.PROPOSED],
        Status.REFUSED: [Status.PROPOSED],
    }
    EDITABLE_IN: ClassVar = (Status.PROPOSED,)

    conflict = models.ForeignKey(
        "orders.OrderConflict", models.PROTECT, related_name="acceptances",
        verbose_name=_("conflict"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PROPOSED)

    class Meta:
        verbose_name = _("acceptance of a conflict")
        verbose_name_plural = _("acceptances of conflicts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "conflict", condition=Q(status="proposed"), name="conflict_acceptance_open_unique"
            ),
            models.UniqueConstraint(
                "conflict", condition=Q(status="agreed"), name="conflict_acceptance_agreed_unique"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="conflict_acceptance_reason_not_empty"
            ),
            decision_complete("conflict_acceptance_decision_complete", "agreed", "refused"),
            # The proposer may withdraw a proposal, which decides nothing.
            four_eyes(
                "conflict_acceptance_four_eyes",
                ("proposer", "proposer_member"), ("decider", "decider_member"),
                unless=~Q(status="agreed"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.conflict} {self.get_status_display()}"
