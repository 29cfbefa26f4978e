from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0008_told_merges'),
    ]

    operations = [
        migrations.AddField(
            model_name='membersession',
            name='kind',
            field=models.CharField(choices=[('signed_in', 'signed in'), ('embedded', 'opened by the mall')], db_default='signed_in', default='signed_in', max_length=10, verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='membersession',
            name='redeemed_at',
            field=models.DateTimeField(null=True, verbose_name='link used at'),
        ),
        migrations.AddField(
            model_name='membersession',
            name='return_to',
            field=models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='returns to'),
        ),
        migrations.AddConstraint(
            model_name='membersession',
            constraint=models.CheckConstraint(condition=Q(kind='signed_in', redeemed_at=None, return_to='') | Q(kind='embedded', scopes__contained_by=['me:read', 'share']) & ~Q(return_to=''), name='member_session_embedded_reads'),
        ),
    ]
