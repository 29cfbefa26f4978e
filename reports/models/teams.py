"""The members of each team, and its size."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

KEYS = Decimal(10**12)
"""More than there are bindings."""


def _position(figure: str) -> models.GeneratedField:
    number = models.DecimalField(max_digits=40, decimal_places=0)
    binding = Cast(models.F("binding_id"), number)
    return models.GeneratedField(
        expression=Cast(models.F(figure), number) * models.Value(KEYS, number) + binding,
        output_field=number,
        db_persist=True,
    )


class TeamMember(models.Model):
    """A binding without a recorded end, with the figures that a team is sorted by.

    ``above``: to whom the upline is bound, who has this member in tier 2. ``orders`` and
    ``sales`` (fen): protected ones of the member. ``team``: bindings to the member.
    Each ``by_…`` is unique in a team: a page continues below the one of its last row.
    """

    binding = models.OneToOneField(
        "distribution.Binding", models.PROTECT, primary_key=True, related_name="team_row",
        db_constraint=False, verbose_name=_("binding"),
    )  # fmt: skip
    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_constraint=False,
        db_index=False, verbose_name=_("upline"),
    )  # fmt: skip
    above = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, null=True, related_name="+",
        db_constraint=False, db_index=False, verbose_name=_("upline of the upline"),
    )  # fmt: skip
    is_distributor = models.BooleanField(_("is a distributor"))
    orders = models.IntegerField(_("protected orders"))
    sales = models.BigIntegerField(_("protected spend"))
    team = models.IntegerField(_("team"))
    by_orders = _position("orders")
    by_sales = _position("sales")
    by_team = _position("team")

    class Meta:
        verbose_name = _("member of a team")
        verbose_name_plural = _("members of teams")
        indexes = [
            *(
                models.Index("distributor", models.F(f"by_{sort}").desc(), name=f"team_by_{sort}")
                for sort in ("orders", "sales", "team")
            ),
            *(
                models.Index("above", models.F(f"by_{sort}").desc(), name=f"team_below_{sort}")
                for sort in ("orders", "sales", "team")
            ),
            models.Index("above", models.F("binding").desc(), name="team_below_joined"),
        ]

    def __str__(self) -> str:
        return str(self.binding_id)


class TeamSize(models.Model):
    """How many members are bound to a distributor, and to the distributors among them."""

    distributor = models.OneToOneField(
        "distribution.Distributor", models.PROTECT, primary_key=True, related_name="team_size",
        db_constraint=False, verbose_name=_("distributor"),
    )  # fmt: skip
    tier1 = models.IntegerField(_("tier 1"))
    tier1_distributors = models.IntegerField(_("distributors in tier 1"))
    tier2 = models.IntegerField(_("tier 2"))

    class Meta:
        verbose_name = _("size of a team")
        verbose_name_plural = _("sizes of teams")

    def __str__(self) -> str:
        return str(self.distributor_id)


class TeamChange(models.Model):
    """A member whose rows of teams are to be computed again; triggers write it.

    ``resized``: also the sizes of their own team and of their upline's.
    """

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("member"),
    )  # fmt: skip
    resized = models.BooleanField(_("resized"))

    class Meta:
        verbose_name = _("change of a team")
        verbose_name_plural = _("changes of teams")

    def __str__(self) -> str:
        return str(self.member_id)
