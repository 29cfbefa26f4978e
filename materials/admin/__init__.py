from django.utils.translation import gettext_lazy as _

from backoffice import menu
from materials.admin import announcements, courses, materials

menu.register(
    "materials",
    (_("Materials"), "perm_media", "materials.material"),
    (_("Campaigns"), "campaign", "materials.campaign"),
    (_("Announcements"), "brand_awareness", "materials.announcement"),
    (_("Courses"), "school", "materials.course"),
    (_("Readings of courses"), "fact_check", "materials.coursereading"),
)
