"""Let uplines be read with the evidence of the binding."""

from django.db import migrations

from common import guards

# Another type of row: the function cannot be replaced. The version that still runs reads the
# columns before the new ones.
NEW = (
    "DROP FUNCTION distribution_upline_chains(bigint[], timestamptz[]);\n"
    + guards.read(__file__, "upline_chains")
)


class Migration(migrations.Migration):
    dependencies = [("distribution", "0003_application_form")]

    operations = [migrations.RunSQL(NEW, migrations.RunSQL.noop)]
