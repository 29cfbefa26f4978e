"""Calls of the sandbox, which answer ``feature_off`` in production."""

from django.urls import path

from demo.api import sandbox

urlpatterns = [path("login", sandbox.SandboxLogin.as_view())]
