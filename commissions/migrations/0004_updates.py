"""Log the updates of commissions, beginning with those that exist."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

from common import guards

# As many in a row as settlement credits at once.
EXISTING = """
INSERT INTO commissions_commissionupdate (at, commission_ids)
SELECT clock_timestamp(), array_agg(id ORDER BY id)
FROM commissions_commission GROUP BY id / 20000 ORDER BY min(id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('commissions', '0003_claims'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommissionUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='at')),
                ('commission_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='commissions')),
            ],
            options={
                'verbose_name': 'update of commissions',
                'verbose_name_plural': 'updates of commissions',
                'indexes': [models.Index(models.F('at'), models.F('id'), name='commission_update_order')],
            },
        ),
        guards.install(
            guards.read(__file__, "updates"),
            guards.append_only("commissions_commissionupdate"),
        ),
        migrations.RunSQL(EXISTING, migrations.RunSQL.noop),
    ]
