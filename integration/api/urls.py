from django.urls import path

from integration.api import (
    benefits,
    coupons,
    echo,
    members,
    orders,
    products,
    quotes,
    reads,
    sessions,
    wallets,
)

urlpatterns = [
    path("products:batch", products.ProductBatch.as_view()),
    path("products/<str:sku>", products.OneProduct.as_view()),
    path("categories:batch", products.CategoryBatch.as_view()),
    path("members/<str:external_id>", members.OneMember.as_view()),
    path("members/<str:external_id>/sessions", sessions.Sessions.as_view()),
    path("members/<str:external_id>/benefits", benefits.MemberBenefits.as_view()),
    path("orders:batch", orders.OrderBatch.as_view()),
    path("orders/<str:order_no>", orders.OneOrder.as_view()),
    path("orders/<str:order_no>/commissions", orders.OrderCommissions.as_view()),
    path("quotes", quotes.Quotes.as_view()),
    path("wallets/store_credit/spend", wallets.SpendStoreCredit.as_view()),
    path("wallets/store_credit/unspend", wallets.UnspendStoreCredit.as_view()),
    path("wallets/points/spend", wallets.SpendPoints.as_view()),
    path("wallets/points/unspend", wallets.UnspendPoints.as_view()),
    path("coupons/<str:public_id>/use", coupons.UseCoupon.as_view()),
    path("coupons/<str:public_id>/return", coupons.ReturnCoupon.as_view()),
    path("echo", echo.Echo.as_view()),
    path("commissions", reads.Commissions.as_view()),
    path("distributors", reads.Distributors.as_view()),
    path("withdrawals", reads.Withdrawals.as_view()),
]
