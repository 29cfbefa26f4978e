"""The web process: ``granian --interface wsgi config.wsgi:application``."""

from config.startup import told_plainly

with told_plainly():
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
