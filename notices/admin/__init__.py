"""Message templates, and the log of what reached members."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from notices.admin import log, person, template, templates

__all__ = ["log", "person", "template", "templates"]

menu.register(
    "people",
    (_("Notices to members"), "notifications", "notices.notice"),
    (_("Subscribe messages"), "chat", "notices.message"),
)
menu.register_link(
    "people", menu.Link(_("Notices to members"), "notifications", "notices.notice", 80)
)
menu.register_link(
    "settings", menu.Link(_("Message templates"), "sms", "office:message_templates", 55)
)
