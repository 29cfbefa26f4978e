"""Posters of members; the list, with its figures, is in ``reports.api``."""

from django.urls import path

from posters.api import posters, templates

urlpatterns = [
    path("posters/templates", templates.Templates.as_view()),
    path("posters/lines", templates.Lines.as_view()),
    path("posters/<str:public_id>", posters.OnePoster.as_view()),
]
