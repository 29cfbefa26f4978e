"""Addresses of files, below ``/media/materials/``."""

from django.urls import path

from materials import web

urlpatterns = [
    path("cards/<str:name>", web.card_picture),
    path("archives/<str:campaign>/<str:member>.zip", web.campaign_archive),
    path("<str:public_id>/<str:name>", web.material_file),
]
