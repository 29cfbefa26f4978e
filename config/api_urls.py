"""The addresses of the REST API under ``/api/v1/``; each room has its own."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("integration/", include("webhooks.api.urls")),
    path("integration/", include("integration.api.urls")),
]
