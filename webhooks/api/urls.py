from django.urls import path

from webhooks.api import feed

urlpatterns = [
    path("events", feed.EventFeed.as_view()),
]
