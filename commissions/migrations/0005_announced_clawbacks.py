import django.db.models.deletion
from django.db import migrations, models

from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('commissions', '0004_updates'),
    ]

    operations = [
        migrations.CreateModel(
            name='AnnouncedClawback',
            fields=[
                ('change', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='announcement', serialize=False, to='commissions.commissionchange', verbose_name='change')),
            ],
            options={
                'verbose_name': 'announced clawback',
                'verbose_name_plural': 'announced clawbacks',
            },
        ),
        guards.install(guards.append_only("commissions_announcedclawback")),
    ]
