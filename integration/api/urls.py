from django.urls import path

from integration.api import members, orders, products

urlpatterns = [
    path("products:batch", products.ProductBatch.as_view()),
    path("products/<str:sku>", products.OneProduct.as_view()),
    path("categories:batch", products.CategoryBatch.as_view()),
    path("members/<str:external_id>", members.OneMember.as_view()),
    path("orders:batch", orders.OrderBatch.as_view()),
    path("orders/<str:order_no>", orders.OneOrder.as_view()),
]
