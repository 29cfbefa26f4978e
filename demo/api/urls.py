"""Calls of the sandbox, which answer ``feature_off`` in production."""

from django.urls import path

from demo.api import sandbox

urlpatterns = [
    path("login", sandbox.SandboxLogin.as_view()),
    path("orders/<str:order_no>/advance", sandbox.SandboxAdvance.as_view()),
]
