from django.urls import path

from webhooks.api import endpoints, feed

urlpatterns = [
    path("events", feed.EventFeed.as_view()),
    path("webhooks", endpoints.EndpointList.as_view()),
    path("webhooks/<str:id>", endpoints.OneEndpoint.as_view()),
    path("webhooks/<str:id>/rotate", endpoints.Rotation.as_view()),
    path("webhooks/<str:id>/test", endpoints.Trial.as_view()),
    path("webhooks/<str:id>/enable", endpoints.Enabling.as_view()),
    path("webhooks/<str:id>/disable", endpoints.Disabling.as_view()),
    path("webhooks/<str:id>/remove", endpoints.Removal.as_view()),
    path("webhooks/<str:id>/deliveries", endpoints.DeliveryList.as_view()),
    path("webhooks/<str:id>/redeliver", endpoints.Redelivery.as_view()),
]
