"""The addresses of the REST API under ``/api/v1/``; each room has its own."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from config.api import Config

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("config", Config.as_view()),
    path("", include("members.api.urls")),
    path("sandbox/", include("demo.api.urls")),
    path("integration/", include("integration.api.urls")),
]
