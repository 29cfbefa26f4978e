from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # claims are read and written meanwhile

    dependencies = [
        ('commissions', '0005_announced_clawbacks'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='claim',
            index=models.Index(fields=['-answered_at', 'due_at', '-id'], name='claim_queue'),
        ),
    ]
