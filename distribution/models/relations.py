"""Referrals and bindings, dated so that they can be read as of any moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from distribution.models.people import Distributor, DistributorPeriod, never_overlap

LEAVE_WINDOW = timedelta(days=30)
EXTENSION_LIMIT = timedelta(days=3_650)
"""How far ahead staff may set the expiry of a binding."""


class Source(models.TextChoices):
    """The source of a referral or binding."""

    SHARE = "share", _("share")
    INVITE_CODE = "invite_code", _("invite code")
    ORDER = "order", _("attributed by an order")
    STAFF = "staff", _("staff")
    IMPORT = "import", _("import")


class Referral(models.Model):
    """The first referrer of a member; never changes, whether or not a binding followed."""

    member = models.OneToOneField(
        "members.Member", models.PROTECT, primary_key=True, related_name="referral",
        verbose_name=_("member"),
    )  # fmt: skip
    referrer = models.ForeignKey(
        "members.Member",
        models.PROTECT,
        related_name="referrals_made",
        verbose_name=_("referred by"),
    )
    source = models.CharField(_("source"), max_length=12, choices=Source)
    evidence_kind = models.CharField(_("evidence kind"), max_length=40, blank=True)
    evidence_id = models.CharField(_("evidence"), max_length=80, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(condition=~Q(member=F("referrer")), name="referral_not_self")
        ]

    def __str__(self) -> str:
        return f"{self.referrer} → {self.member}"


def _exit_of_upline() -> models.QuerySet[DistributorPeriod]:
    return DistributorPeriod.objects.filter(
        distributor=OuterRef("distributor"), status=Distributor.Status.EXITED
    )


def end_of_binding() -> Coalesce:
    """Return an expression: the recorded end of a binding, or that by the exit of the upline."""
    by_exit = _exit_of_upline().annotate(
        end=Greatest(OuterRef("started_at"), Least(OuterRef("expires_at"), F("started_at")))
    )
    return Coalesce("ended_at", Subquery(by_exit.values("end")))


class BindingQuerySet(models.QuerySet["Binding"]):
    """An exit ends all bindings to the distributor; their rows are updated after it, in batches.

    These filters do not depend on whether a row has been updated yet.
    """

    def in_force(self, at: datetime) -> BindingQuerySet:
        """Return the bindings in force at a moment: at most one a member."""
        return self.filter(
            ~Exists(_exit_of_upline().filter(started_at__lte=at)),
            Q(ended_at=None) | Q(ended_at__gt=at),
            Q(expires_at=None) | Q(expires_at__gt=at),
            started_at__lte=at,
        )

    def running(self) -> BindingQuerySet:
        """Return the bindings without an end: neither a recorded one, nor an exit."""
        return self.filter(~Exists(_exit_of_upline()), ended_at=None)


class Binding(models.Model):
    """A member's upline during a period.

    The database refuses overlaps, circles, uplines that are not active distributors, and every
    change except a later expiry and the end.
    """

    class EndReason(models.TextChoices):
        LEFT = "left", _("left by the member")
        REASSIGNED = "reassigned", _("reassigned by staff")
        EXPIRED = "expired", _("expired")
        POACHED = "poached", _("poached")
        UPLINE_EXIT = "upline_exit", _("upline exited")
        MEMBER_EXIT = "member_exit", _("member exited")
        SUPERSEDED = "superseded", _("superseded by a later binding reported first")
        IMPORTED = "imported", _("ended in the imported mall")
        MERGED = "merged", _("one side was merged into another member")

    public_id = PublicIdField()
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="bindings", verbose_name=_("member"),
        db_index=False,
    )  # fmt: skip
    distributor = models.ForeignKey(
        Distributor, models.PROTECT, related_name="bindings", verbose_name=_("upline"),
        db_index=False,
    )  # fmt: skip
    source = models.CharField(_("source"), max_length=12, choices=Source)
    evidence_kind = models.CharField(_("evidence kind"), max_length=40, blank=True)
    evidence_id = models.CharField(_("evidence"), max_length=80, blank=True)
    started_at = models.DateTimeField(_("started at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("end reason"), max_length=12, choices=EndReason, blank=True)
    end_note = models.CharField(_("end note"), max_length=200, blank=True)

    objects: ClassVar[models.Manager[Binding]] = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("binding")
        verbose_name_plural = _("bindings")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["member", "-started_at"], name="binding_of_member"),
            models.Index(fields=["distributor", "-id"], name="binding_of_team"),
            models.Index(
                fields=["distributor", "started_at", "id"],
                name="binding_without_end",
                condition=Q(ended_at=None),
            ),
            models.Index(
                fields=["expires_at"],
                name="binding_to_expire",
                condition=Q(ended_at=None, expires_at__isnull=False),
            ),
        ]
        constraints = [
            never_overlap("bindings_never_overlap", per="member_id"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | (
                    Q(ended_at__isnull=False)
                    & Q(end_reason__in=[
                        "left", "reassigned", "expired", "poached", "upline_exit", "member_exit",
                        "superseded", "imported", "merged",
                    ])
                ),
                name="binding_end_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(end_reason="imported") | Q(source="import"),
                name="binding_imported_end_of_import",
            ),
            # Members leave, and staff reassign them, only within the first thirty days (law 4).
            models.CheckConstraint(
                condition=~Q(end_reason__in=["left", "reassigned"])
                | Q(ended_at__lte=F("started_at") + LEAVE_WINDOW),
                name="binding_left_within_thirty_days",
            ),
            models.CheckConstraint(
                condition=~Q(end_reason__in=["left", "reassigned"]) | ~Q(end_note=""),
                name="binding_left_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="binding_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at")), name="binding_expires_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__lte=F("expires_at")), name="binding_ends_by_expiry"
            ),
            models.CheckConstraint(
                condition=~Q(end_reason="expired")
                | Q(expires_at__isnull=False, ended_at=F("expires_at")),
                name="binding_expired_at_expiry",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.member} → {self.distributor}"

    @property
    def can_leave_until(self) -> datetime:
        return self.started_at + LEAVE_WINDOW


class BindingExtension(models.Model):
    """A later expiry that staff gave a binding, and why; rows are only added.

    The database requires that the binding really expires then.
    """

    binding = models.ForeignKey(
        Binding, models.PROTECT, related_name="extensions", verbose_name=_("binding")
    )
    expired_at = models.DateTimeField(_("expiry before"))
    expires_at = models.DateTimeField(_("expiry after"))
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    # The member of ``by`` (0: none): nobody extends their own binding, or one to themselves.
    by_member = models.BigIntegerField(editable=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("extension of a binding")
        verbose_name_plural = _("extensions of bindings")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("expired_at")), name="binding_extension_is_later"
            ),
            models.CheckConstraint(
                condition=Q(expired_at__gt=F("at")), name="binding_extension_in_force"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("at") + EXTENSION_LIMIT),
                name="binding_extension_within_limit",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="binding_extension_reason_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return str(self.binding)


class PurchaseTotals(models.Model):
    """Totals of a member's protected orders, read by thresholds and expiry."""

    member = models.OneToOneField(
        "members.Member", models.PROTECT, primary_key=True, related_name="purchase_totals",
        verbose_name=_("member"),
    )  # fmt: skip
    protected_spend = models.BigIntegerField(
        _("protected spend"), default=0, help_text=_("In fen.")
    )
    protected_orders = models.IntegerField(_("protected orders"), default=0)
    last_order_at = models.DateTimeField(_("last order at"), null=True)

    class Meta:
        verbose_name = _("purchase totals")
        verbose_name_plural = _("purchase totals")

    def __str__(self) -> str:
        return str(self.member)
