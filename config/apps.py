from django.apps import AppConfig


class HouseConfig(AppConfig):
    """The top floor: what holds the rooms together."""

    name = "config"
    label = "house"

    def ready(self) -> None:
        from config import (  # noqa: PLC0415 - these need the apps loaded
            celery,  # noqa: F401 - shared tasks bind to it
            checks,  # noqa: F401
        )
