from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class H5Config(AppConfig):
    name = "h5"
    verbose_name = _("Pages of the shop")
