from materials.services.announcements import (
    AnnouncementOver,
    publish_announcement,
    withdraw_announcement,
)
from materials.services.courses import (
    CourseOutdated,
    mark_course_read,
    publish_course,
    withdraw_course,
)
from materials.services.files import (
    FileTooLarge,
    FileUnfit,
    MaterialPublished,
    add_files,
    remove_file,
    sweep_files,
)
from materials.services.materials import (
    FilesMissing,
    publish_material,
    withdraw_material,
)
from materials.services.shipped import load_shipped_courses
from materials.services.uses import (
    count_uses,
    forget_old_uses,
    forget_user_of_materials,
    record_use,
    record_uses,
)
