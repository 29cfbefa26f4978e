"""The addresses of the REST API under ``/api/v1/``; each room has its own."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from api.views import FeatureOffView
from config.api import Config
from config.api_schema import Schema

RESERVED = "communities|groups|me/addresses|me/groups|orders|refunds|roll-calls|verifications"
"""Addresses of features to come."""

urlpatterns = [
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("config", Config.as_view()),
    path("", include("members.api.urls")),
    path("sandbox/", include("demo.api.urls")),
    path("integration/", include("webhooks.api.urls")),
    path("integration/", include("integration.api.urls")),
    path("", include("notices.urls")),
    path("", include("reports.api.urls")),
    path("", include("distribution.api.urls")),
    path("", include("sharing.api.urls")),
    path("", include("promotions.api.urls")),
    path("", include("commissions.api.urls")),
    path("", include("posters.api.urls")),
    path("", include("withdrawals.api.urls")),
    path("", include("materials.api.urls")),
    path("", include("incentives.api.urls")),
    re_path(rf"^({RESERVED})(/|$)", FeatureOffView.as_view(), name="feature-off"),
]
