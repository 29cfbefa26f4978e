from materials.models.announcements import Announcement
from materials.models.courses import Course, CourseReading
from materials.models.materials import (
    Campaign,
    Material,
    MaterialDay,
    MaterialFile,
    MaterialUse,
)
from materials.models.publishing import Audience, Published
