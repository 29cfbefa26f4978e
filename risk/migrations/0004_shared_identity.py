"""A rule more: another member has the same ID number."""

from django.db import migrations


def insert_rule(apps, schema_editor):
    apps.get_model("risk", "Rule").objects.create(
        stage="withdrawal", name="shared_identity", threshold=1, least=0, enabled=True
    )


class Migration(migrations.Migration):
    dependencies = [("risk", "0003_rule_names")]

    operations = [migrations.RunPython(insert_rule, migrations.RunPython.noop)]
