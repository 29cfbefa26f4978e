"""Coupons (优惠券) and the coupons that members hold."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.base_models import PublicIdField
from members.models import Member

MAX_AMOUNT = 10**10
"""Of a coupon, in fen: a hundred million yuan."""


class Coupon(models.Model):
    """What a coupon takes off, and for whom; fixed once it is published, except for its end."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        ENDED = "ended", _("ended")

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("amount off")
        PERCENT = "percent", _("percent off")
        PRODUCT = "product", _("one product free")

    class Scope(models.TextChoices):
        ALL = "all", _("all goods")
        CATEGORIES = "categories", _("categories")
        PRODUCTS = "products", _("products")

    COMES_FROM: ClassVar = {
        Status.PUBLISHED: [Status.DRAFT],
        Status.ENDED: [Status.PUBLISHED],
    }

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=40)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.AMOUNT)
    amount = models.PositiveBigIntegerField(_("amount off"), null=True, blank=True)
    # Basis points of the amount in scope.
    rate = models.PositiveIntegerField(_("percent off"), null=True, blank=True)
    most = models.PositiveBigIntegerField(_("at most"), null=True, blank=True)
    threshold = models.PositiveBigIntegerField(_("from an amount of"), default=0)
    scope = models.CharField(_("valid for"), max_length=10, choices=Scope, default=Scope.ALL)
    # Keys of catalog.Product or catalog.Category, by ``scope``; of one product for a free one.
    targets = ArrayField(
        models.BigIntegerField(), verbose_name=_("goods"), default=list, blank=True
    )
    # Dates, or days from the grant.
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    valid_days = models.PositiveSmallIntegerField(_("valid days"), null=True, blank=True)
    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True)
    granted = models.PositiveIntegerField(
        pgettext_lazy("coupon", "granted"), default=0, editable=False
    )
    per_member = models.PositiveSmallIntegerField(_("per member"), default=1)
    is_claimable = models.BooleanField(_("members may claim it"), default=False)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("created by"),
    )  # fmt: skip
    # Keys of the users who wrote it; another person publishes it.
    editors = ArrayField(
        models.BigIntegerField(), verbose_name=_("edited by"), default=list, editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("published by"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["-id"]
        permissions: ClassVar = [
            ("publish_coupon", _("Can publish and end coupons")),
            ("give_coupon", _("Can give coupons to members, and revoke them")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="amount", rate=None, most=None)
                & Q(amount__gt=0, amount__lte=MAX_AMOUNT)
                | Q(kind="percent", amount=None, rate__gt=0, rate__lte=10_000)
                & (Q(most=None) | Q(most__gt=0, most__lte=MAX_AMOUNT))
                | Q(kind="product", amount=None, rate=None, most=None, scope="products"),
                name="coupon_value_matches_kind",
            ),
            models.CheckConstraint(
                condition=Q(scope="all", targets=[])
                | Q(scope__in=["categories", "products"]) & ~Q(targets=[]),
                name="coupon_targets_match_scope",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None, valid_until=None)
                & Q(valid_days__gt=0, valid_days__lte=3_650)
                | Q(valid_days=None, valid_from__isnull=False, valid_until__gt=F("valid_from")),
                name="coupon_has_dates_or_days",
            ),
            models.CheckConstraint(
                condition=Q(stock=None) | Q(granted__lte=F("stock")), name="coupon_within_stock"
            ),
            models.CheckConstraint(
                condition=Q(per_member__gt=0), name="coupon_per_member_positive"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None, ended_at=None)
                | Q(status="published", published_at__isnull=False, ended_at=None)
                | Q(status="ended", published_at__isnull=False, ended_at__isnull=False),
                name="coupon_status_has_times",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_by=None)
                | Q(status__in=["published", "ended"], published_by__isnull=False),
                name="coupon_published_by_somebody",
            ),
            # Value and validity above let null pass: comparing with it is neither true nor false.
            models.CheckConstraint(
                condition=~Q(kind="amount", amount=None) & ~Q(kind="percent", rate=None),
                name="coupon_value_given",
            ),
            models.CheckConstraint(
                condition=Q(valid_days__isnull=False)
                | Q(valid_from__isnull=False, valid_until__isnull=False),
                name="coupon_validity_given",
            ),
            models.CheckConstraint(condition=~Q(stock=0), name="coupon_stock_positive"),
            models.CheckConstraint(
                condition=~Q(kind="product") | Q(targets__len=1), name="coupon_one_product_free"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class GrantState(models.TextChoices):
    """What a member can do with a coupon at a moment."""

    USABLE = "usable", pgettext_lazy("coupon", "usable")
    UPCOMING = "upcoming", pgettext_lazy("coupon", "not yet valid")
    USED = "used", pgettext_lazy("coupon", "used")
    EXPIRED = "expired", pgettext_lazy("coupon", "expired")
    REVOKED = "revoked", pgettext_lazy("coupon", "revoked")


class RevokeReason(models.TextChoices):
    """Why the system revokes a coupon; people of the staff write a reason of their own."""

    ACCOUNT_CLOSED = "account_closed", _("the account was closed")
    AWARD_TAKEN_BACK = "award_taken_back", _("the award was taken back")


def in_state(state: str, at: datetime) -> Q:
    """Return the condition for which ``CouponGrant.state_at`` returns this state."""
    unused = Q(used_at=None, revoked_at=None)
    return {
        GrantState.USABLE: unused & Q(valid_from__lte=at, valid_until__gt=at),
        GrantState.UPCOMING: unused & Q(valid_from__gt=at),
        GrantState.EXPIRED: unused & Q(valid_until__lte=at),
        GrantState.USED: Q(used_at__isnull=False),
        GrantState.REVOKED: Q(revoked_at__isnull=False),
    }[GrantState(state)]


class CouponGrantQuerySet(models.QuerySet["CouponGrant"]):
    def usable(self, at: datetime) -> CouponGrantQuerySet:
        return self.in_state(GrantState.USABLE, at)

    def in_state(self, state: str, at: datetime) -> CouponGrantQuerySet:
        """Limit to those in this state."""
        return self.filter(in_state(state, at))

    def visible_to(self, member: Member) -> CouponGrantQuerySet:
        """Limit to a person's own coupons."""
        return self.filter(member__in=Member.objects.of_person(member.pk).values("pk"))


class CouponGrant(models.Model):
    """A coupon that a member holds. Used at most once; returned when its order is cancelled."""

    public_id = PublicIdField()
    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="grants", verbose_name=_("coupon")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="coupons", verbose_name=_("member")
    )
    # ``award:{award}:{move}``, ``claim:{coupon}:{member}:{n}`` or ``staff:{coupon}:{member}:{n}``:
    # the same key grants once.
    key = models.CharField(_("key"), max_length=80, unique=True)
    granted_at = models.DateTimeField(_("granted at"))
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    # The mall's number of the order that uses it.
    order_number = models.CharField(_("order number"), max_length=64, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True)
    revoked_at = models.DateTimeField(pgettext_lazy("coupon", "revoked at"), null=True)
    # A ``RevokeReason``, or the words of who revoked it.
    revoke_reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Of a used coupon that is to be revoked: the reason, until its order gives it back.
    revoke_when_returned = models.CharField(
        _("to be revoked when it is returned"), max_length=200, blank=True, default="",
        db_default="", editable=False,
    )  # fmt: skip

    objects: ClassVar[CouponGrantQuerySet] = CouponGrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("coupon of a member")
        verbose_name_plural = _("coupons of members")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["granted_at"], name="coupon_grant_by_day"),
            models.Index(
                fields=["used_at"],
                condition=Q(used_at__isnull=False),
                name="coupon_grant_by_day_of_use",
            ),
            models.Index(
                fields=["coupon"], condition=Q(used_at__isnull=False), name="coupon_grant_used"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order_number"], condition=~Q(order_number=""),
                name="coupon_grant_one_per_order",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="coupon_grant_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, order_number="")
                | Q(used_at__isnull=False) & ~Q(order_number=""),
                name="coupon_grant_used_by_order",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoke_reason="")
                | Q(revoked_at__isnull=False, used_at=None) & ~Q(revoke_reason=""),
                name="coupon_grant_revoked_unused",
            ),
            models.CheckConstraint(
                condition=Q(revoke_when_returned="") | Q(used_at__isnull=False),
                name="coupon_grant_to_be_revoked_is_used",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.coupon} · {self.member}"

    @property
    def revoke_reason_text(self) -> str:
        """The reason, in the reader's language if it is the system's; also of a used coupon."""
        reason = self.revoke_reason or self.revoke_when_returned
        return str(RevokeReason(reason).label) if reason in RevokeReason.values else reason

    def state_at(self, at: datetime) -> GrantState:
        if self.used_at is not None:
            return GrantState.USED
        if self.revoked_at is not None:
            return GrantState.REVOKED
        if at < self.valid_from:
            return GrantState.UPCOMING
        return GrantState.EXPIRED if self.valid_until <= at else GrantState.USABLE
