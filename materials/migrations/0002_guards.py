from django.db import migrations

from common import guards

PUBLISHED = {
    "statuses": ("draft", "published", "withdrawn"),
    "comes_from": {"published": ["draft", "withdrawn"], "withdrawn": ["published"]},
    "editable_in": ["draft", "withdrawn"],
}


class Migration(migrations.Migration):

    dependencies = [("materials", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(
            guards.transitions(
                "materials_material", constraint="material_status_moves", **PUBLISHED
            ),
            guards.immutable("materials_material", "id", "public_id", "kind", "created_at"),
            guards.row_guard(
                "materials_material", name="published_once_stays", on="DELETE",
                when="OLD.version > 0", constraint="material_published_once_stays",
                message="a material that was published is not deleted",
            ),
            guards.transitions("materials_course", constraint="course_status_moves", **PUBLISHED),
            guards.immutable("materials_course", "id", "public_id", "created_at"),
            guards.row_guard(
                "materials_course", name="published_once_stays", on="DELETE",
                when="OLD.version > 0", constraint="course_published_once_stays",
                message="a course that was published is not deleted",
            ),
            guards.transitions(
                "materials_announcement", constraint="announcement_status_moves", **PUBLISHED
            ),
            guards.immutable("materials_announcement", "id", "public_id", "created_at"),
            guards.row_guard(
                "materials_announcement", name="published_once_stays", on="DELETE",
                when="OLD.version > 0", constraint="announcement_published_once_stays",
                message="an announcement that was published is not deleted",
            ),
            guards.append_only("materials_coursereading"),
            guards.transitions(
                "materials_materialfile",
                statuses=("writing", "stored", "removed"),
                comes_from={"stored": ["writing"], "removed": ["writing", "stored"]},
                constraint="material_file_status_moves",
            ),
            guards.immutable(
                "materials_materialfile", "id", "public_id", "material_id", "kind", "path",
                "sha256", "size", "width", "height", "created_at",
            ),
            guards.immutable("materials_materialuse", "id", "material_id", "action", "day"),
            guards.read(__file__, "files"),
        ),
    ]
