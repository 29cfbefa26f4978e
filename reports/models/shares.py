"""What came of shares: visits, new members, orders, sales and commissions, by day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShareSums(models.Model):
    """The figures; ``sales``, ``commission`` and ``earned`` in fen, after refunds.

    ``shares``: made on the day. ``new_members``: created at the sign-in after a visit. Orders
    belong to the day of their payment, with all their lines. ``commission``: the cash of both
    tiers; ``earned``: what the sharer gets of it.
    """

    FIGURES = (
        "shares", "visits", "new_members", "orders", "sales", "commission", "earned",
    )  # fmt: skip

    shares = models.IntegerField(_("shares"), db_default=0)
    visits = models.IntegerField(_("visits"), db_default=0)
    new_members = models.IntegerField(_("new members"), db_default=0)
    orders = models.IntegerField(_("orders"), db_default=0)
    sales = models.BigIntegerField(_("sales"), db_default=0)
    commission = models.BigIntegerField(_("commissions"), db_default=0)
    earned = models.BigIntegerField(_("commissions of the sharer"), db_default=0)

    class Meta:
        abstract = True


class ShareDelta(ShareSums):
    """What one statement changed of a share's figures, until it is folded.

    Triggers write it in the transaction of the change: see reports/guards/shares.sql.
    ``member``: who shared.
    """

    share = models.ForeignKey(
        "sharing.Share", models.PROTECT, related_name="+", db_constraint=False,
        verbose_name=_("share"),
    )  # fmt: skip
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_constraint=False,
        verbose_name=_("shared by"),
    )  # fmt: skip
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("change of figures of a share")
        verbose_name_plural = _("changes of figures of shares")

    def __str__(self) -> str:
        return f"{self.share_id} {self.day}"


class ShareFigures(ShareSums):
    """The figures of one share, or of all shares that have something in common, on one day.

    Without what is not folded yet. ``key``: the share's code, the member's key, the channel, the
    public id of the product or of the poster's template. The row of 1970-01-01 is the whole life.
    """

    class Kind(models.TextChoices):
        PRODUCT = "product", _("product")
        SHARE = "share", _("share")
        CHANNEL = "channel", _("channel")
        TEMPLATE = "template", _("template of the poster")
        MEMBER = "member", _("shared by")

    kind = models.CharField(_("figures of each"), max_length=8, choices=Kind)
    key = models.CharField(_("key"), max_length=64)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("figures of shares")
        verbose_name_plural = _("figures of shares")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "day"], name="share_figures_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["product", "share", "channel", "template", "member"]),
                name="share_figures_kind_valid",
            ),
        ]
        # The rows of a kind in some days; those of the whole life are listed by their sums.
        indexes = [models.Index("kind", "day", name="share_figures_of_days")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"
