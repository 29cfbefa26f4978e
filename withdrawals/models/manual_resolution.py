"""Manual resolutions of attempts whose outcome the provider does not report."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Proposal, decision_complete, four_eyes
from withdrawals.models.attempt import Attempt, Evidence
from withdrawals.models.base import member_field


class ManualResolution(Proposal):
    """Proposed with proof by one person of finance, agreed to or refused by another."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed to")
        REFUSED = "refused", _("refused")

    COMES_FROM: ClassVar = {
        Status.AGREED: [Status.PROPOSED],
        Status.REFUSED: [Status.PROPOSED],
    }
    EDITABLE_IN: ClassVar = (Status.PROPOSED,)

    attempt = models.ForeignKey(
        Attempt, models.PROTECT, related_name="manual_resolutions", verbose_name=_("attempt")
    )
    member = member_field(related_name="+", db_index=False)
    paid = models.BooleanField(_("was paid"))
    evidence = models.OneToOneField(
        Evidence, models.PROTECT, related_name="+", verbose_name=_("evidence")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PROPOSED)

    class Meta:
        verbose_name = _("manual resolution")
        verbose_name_plural = _("manual resolutions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "attempt", condition=Q(status="proposed"), name="manual_resolution_open_unique"
            ),
            models.UniqueConstraint(
                "attempt", condition=Q(status="agreed"), name="manual_resolution_agreed_unique"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="manual_resolution_reason_not_empty"
            ),
            decision_complete("manual_resolution_decision_complete", "agreed", "refused"),
            # Law 10: four eyes. The proposer may withdraw a proposal, which decides nothing.
            four_eyes(
                "manual_resolution_four_eyes",
                ("proposer", "proposer_member"), ("decider", "decider_member"),
                unless=~Q(status="agreed"),
            ),
            models.CheckConstraint(
                condition=~Q(proposer_member=F("member")) & ~Q(decider_member=F("member")),
                name="manual_resolution_not_own_money",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.attempt} {self.get_status_display()}"
