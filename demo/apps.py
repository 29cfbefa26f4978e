from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A small shop with a history, to look at; it owns no tables."""

    name = "demo"
