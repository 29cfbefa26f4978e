from django.urls import path

from promotions.api import coupons

urlpatterns = [
    path("coupons", coupons.Coupons.as_view()),
    path("coupons/<str:public_id>/claim", coupons.ClaimCoupon.as_view()),
    path("me/coupons", coupons.MyCoupons.as_view()),
]
