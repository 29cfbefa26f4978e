import django.db.models.deletion
from django.db import migrations, models

# The job computes the rows of everybody who is bound.
MARK_ALL = """
INSERT INTO reports_teamchange (member_id, resized)
SELECT member_id, true FROM distribution_binding WHERE ended_at IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0003_application_form'),
        ('reports', '0004_conversions'),
    ]

    operations = [
        migrations.AddField(
            model_name='teammember',
            name='above',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='upline of the upline'),
        ),
        migrations.RunSQL(MARK_ALL, migrations.RunSQL.noop),
    ]
