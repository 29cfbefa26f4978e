from promotions.errors import (
    CouponExpired,
    CouponInvalid,
    CouponKeyReused,
    CouponLimitReached,
    CouponNeedsTwoPeople,
    CouponNotClaimable,
    CouponNotPublished,
    CouponNotUsable,
    CouponNotYetValid,
    CouponOfOwnStaff,
    CouponOutOfStock,
    CouponOver,
    CouponRevoked,
    CouponUsed,
    CouponUsedElsewhere,
    OrderHasCoupon,
    OwnCoupon,
)
from promotions.rules import CouponTerms
from promotions.services.coupons import (
    create_coupon,
    discard_coupon,
    edit_coupon,
    end_coupon,
    publish_coupon,
    terms_of,
)
from promotions.services.grants import claim_coupon, give_coupon, grant_coupon
from promotions.services.persons import merge_coupons, revoke_coupons_of_closed
from promotions.services.revocations import keep_coupon, revoke_coupon
from promotions.services.uses import return_coupon, use_coupon
