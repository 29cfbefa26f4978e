"""Mark in the log which commissions are new. Those that exist are announced to nobody."""

import re

import django.db.models.functions.datetime
from django.db import migrations, models

from common import guards
from common.base_models import insert_singleton

FUNCTIONS = "\n".join(
    f"CREATE OR REPLACE {function}"
    for function in re.findall(
        r"^CREATE (FUNCTION .*?\$\$.*?\$\$;)", guards.read(__file__, "updates"), re.MULTILINE | re.DOTALL
    )
)


class Migration(migrations.Migration):

    dependencies = [
        ('commissions', '0007_claim_evidence'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnnouncedAccruals',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='at')),
                ('update_id', models.BigIntegerField(default=0, verbose_name='update')),
            ],
            options={
                'verbose_name': 'announced commissions',
                'verbose_name_plural': 'announced commissions',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='commissions_announcedaccruals_singleton')],
            },
        ),
        migrations.AddField(
            model_name='commissionupdate',
            name='created',
            field=models.BooleanField(db_default=False, verbose_name='created'),
        ),
        migrations.RunPython(insert_singleton("commissions", "AnnouncedAccruals"), migrations.RunPython.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
