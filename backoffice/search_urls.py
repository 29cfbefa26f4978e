"""The answers that the palette and the pickers load while a person types."""

from django.contrib import admin
from django.urls import path

from backoffice import search_views

urlpatterns = [
    path("find/", admin.site.admin_view(search_views.find), name="backoffice_find"),
    path("pick/<slug:name>/", admin.site.admin_view(search_views.pick), name="backoffice_pick"),
]
