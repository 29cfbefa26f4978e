"""The web process: ``granian --interface wsgi config.wsgi:application``."""

from config.startup import fail_with_one_line

with fail_with_one_line():
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
