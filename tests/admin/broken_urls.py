"""The addresses of the site, and one whose view fails."""

from typing import Any

from django.http import HttpRequest
from django.urls import path

from config.urls import *  # noqa: F403 - with its handlers
from config.urls import urlpatterns as site


def broken(_request: HttpRequest) -> Any:
    raise RuntimeError("broken on purpose")


urlpatterns = [path("admin/broken/", broken), *site]
