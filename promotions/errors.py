"""The refusals of coupons."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import SelfApprovalForbidden, TwotierError


class CouponInvalid(TwotierError):
    """``data["errors"]`` has the sentences by field."""

    code = "coupon_invalid"
    message = _("The coupon cannot be saved or published like this: %(reason)s")
    status = 422

    def __init__(self, errors: dict[str, list[str]]) -> None:
        reason = " ".join(sentence for sentences in errors.values() for sentence in sentences)
        super().__init__(errors=errors, reason=reason)


class CouponNotPublished(TwotierError):
    code = "coupon_not_published"
    message = _("The coupon is not given out: it is a draft, or has ended.")


class CouponNotClaimable(TwotierError):
    code = "coupon_not_claimable"
    message = _("This coupon cannot be claimed: it is given for what a member has done.")
    status = 403


class CouponOver(TwotierError):
    code = "coupon_over"
    message = _("The coupon was valid until %(until)s and is no longer given out.")


class CouponOutOfStock(TwotierError):
    code = "coupon_out_of_stock"
    message = _("All coupons of this kind have been given out.")


class CouponLimitReached(TwotierError):
    code = "coupon_limit_reached"
    message = _("One person gets at most %(limit)s of this coupon, and this member has them.")


class CouponNeedsTwoPeople(SelfApprovalForbidden):
    message = _(
        "You have written this coupon, so another person must read and publish it. Nothing was"
        " changed."
    )
    status = 403


class OwnCoupon(SelfApprovalForbidden):
    message = _("You cannot give a coupon to yourself: ask a colleague.")


class CouponOfOwnStaff(SelfApprovalForbidden):
    message = _("You wrote or published this coupon, so you cannot claim it yourself.")
    status = 403


class CouponKeyReused(TwotierError):
    code = "coupon_key_reused"
    message = _("“%(key)s” was used to give another coupon, or one to somebody else.")


class CouponNotUsable(TwotierError):
    """The base of what stands against using a coupon."""

    code = "coupon_not_usable"
    message = _("The coupon cannot be used.")


class CouponUsed(CouponNotUsable):
    code = "coupon_used"
    message = _("Order %(order)s has used this coupon.")


class CouponRevoked(CouponNotUsable):
    code = "coupon_revoked"
    message = _("The coupon was revoked.")


class CouponNotYetValid(CouponNotUsable):
    code = "coupon_not_yet_valid"
    message = _("The coupon is valid from %(since)s.")


class CouponExpired(CouponNotUsable):
    code = "coupon_expired"
    message = _("The coupon was valid until %(until)s. It stays as it is.")


class OrderHasCoupon(CouponNotUsable):
    code = "order_has_coupon"
    message = _("Order %(order)s uses another coupon: an order uses one.")


class CouponUsedElsewhere(TwotierError):
    code = "coupon_used_elsewhere"
    message = _("Order %(order)s has used this coupon, not the one that gives it back.")
