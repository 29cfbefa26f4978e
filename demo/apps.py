from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A small sample shop with a history; it owns no tables."""

    name = "demo"
