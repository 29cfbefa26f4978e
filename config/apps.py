from django.apps import AppConfig


class TwotierConfig(AppConfig):
    """Settings, URLs and Celery, which connect the rooms."""

    name = "config"
    label = "twotier"

    def ready(self) -> None:
        from config import (  # noqa: PLC0415 - these need the apps loaded
            celery,  # noqa: F401 - shared tasks bind to it
            checks,  # noqa: F401
            jobs,  # noqa: F401 - records the runs of periodic jobs
            menu,  # noqa: F401 - arranges the menu
            sentry,
        )

        sentry.init()
