from django.urls import path

from commissions.api import claims, commissions, products

urlpatterns = [
    path("categories", products.Categories.as_view()),
    path("products", products.Products.as_view()),
    path("products/<str:public_id>", products.OneProduct.as_view()),
    path("distributor/commissions", commissions.Commissions.as_view()),
    path("distributor/commissions/<str:public_id>", commissions.OneCommission.as_view()),
    path("distributor/claims", claims.Claims.as_view()),
    path("distributor/claims/<str:public_id>", claims.OneClaim.as_view()),
    path("distributor/orders", commissions.EarningOrders.as_view()),
]
