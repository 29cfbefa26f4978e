from django.apps import AppConfig
from django.forms.renderers import get_default_renderer


class TwotierConfig(AppConfig):
    """Settings, URLs and Celery, which connect the rooms."""

    name = "config"
    label = "twotier"

    def ready(self) -> None:
        # The theme draws a widget while it is imported, which loads all tags of templates, and
        # some of ours need the theme: load the tags first.
        get_default_renderer().engine  # type: ignore[attr-defined]  # noqa: B018 - loads them
        from config import (  # noqa: PLC0415 - these need the apps loaded
            celery,  # noqa: F401 - shared tasks bind to it
            checks,  # noqa: F401
            job_titles,  # noqa: F401 - names them
            jobs,  # noqa: F401 - records the runs of periodic jobs
            menu,  # noqa: F401 - arranges the menu
            role_page,  # noqa: F401 - registers it
            sentry,
            server_settings,  # noqa: F401 - registers them
        )

        sentry.init()
