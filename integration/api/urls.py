from django.urls import path

from integration.api import orders

urlpatterns = [
    path("orders:batch", orders.OrderBatch.as_view()),
    path("orders/<str:order_no>", orders.OneOrder.as_view()),
]
