from django.urls import path

from notices import api

urlpatterns = [
    path("notices", api.Notices.as_view()),
    path("notices/read", api.ReadNotices.as_view()),
]
