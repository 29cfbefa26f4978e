"""Proposals: one person proposes, another decides."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Proposal(models.Model):
    """The proposer and the decider; each model adds the ``four_eyes`` constraint."""

    reason = models.CharField(_("reason"), max_length=200)
    proposer = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("proposed by"),
    )  # fmt: skip
    # Their own member (0: none): two accounts of one person are one person.
    proposer_member = models.BigIntegerField(editable=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    decider = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip
    decider_member = models.BigIntegerField(null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        abstract = True
