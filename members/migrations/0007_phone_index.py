from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # members are read and written meanwhile

    dependencies = [
        ('members', '0006_wechat_messages'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='member',
            index=models.Index(condition=models.Q(('phone_fingerprint', ''), _negated=True), fields=['phone_fingerprint'], name='member_phone'),
        ),
    ]
