from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # applications are read and written meanwhile

    dependencies = [
        ('distribution', '0004_evidence_of_uplines'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='application',
            index=models.Index(fields=['status', 'id'], name='application_status_idx'),
        ),
    ]
