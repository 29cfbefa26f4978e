"""Coupons: drafted, published and ended by services, and what members hold of them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from promotions.admin import coupon_panels, coupons, grants, impacts, order_page, person, search

menu.register(
    "promotions",
    (_("Coupons"), "confirmation_number", "promotions.coupon"),
    (_("Coupons of members"), "local_activity", "promotions.coupongrant"),
)
