"""Settlements: batches of credited commissions, and the members that they credited."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField


class Settlement(models.Model):
    """A batch of commissions that were credited together."""

    public_id = PublicIdField()
    at = models.DateTimeField(_("at"))
    count = models.PositiveIntegerField(_("commissions"))

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.public_id)


class CreditFanOut(models.Model):
    """A settlement whose members' events are not recorded yet; the follower deletes the row.

    It lists the commissions, because an index on ``Commission.settlement`` would slow settlement.
    """

    settlement = models.OneToOneField(
        Settlement, models.PROTECT, primary_key=True, related_name="fan_out",
        verbose_name=_("settlement"),
    )  # fmt: skip
    commission_ids = ArrayField(models.BigIntegerField(), verbose_name=_("commissions"))

    class Meta:
        verbose_name = _("credit fan-out")
        verbose_name_plural = _("credit fan-outs")

    def __str__(self) -> str:
        return str(self.settlement)


class CreditedMember(models.Model):
    """A member whom a settlement credited and whose event is recorded; one row for each."""

    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="credited_members", db_index=False,
        verbose_name=_("settlement"),
    )  # fmt: skip
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )

    class Meta:
        verbose_name = _("credited member")
        verbose_name_plural = _("credited members")
        constraints = [
            models.UniqueConstraint(
                fields=["settlement", "member"], name="credited_member_unique_per_settlement"
            )
        ]

    def __str__(self) -> str:
        return f"{self.settlement} · {self.member}"
