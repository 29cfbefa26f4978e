from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # adjustments are read and written meanwhile

    dependencies = [
        ('closing', '0004_finance_desk'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='adjustment',
            index=models.Index(fields=['proposed_at'], condition=models.Q(('status', 'proposed')), name='adjustment_waiting'),
        ),
    ]
