from django.urls import path

from incentives.api import levels

urlpatterns = [
    path("distributor/levels", levels.Levels.as_view()),
]
