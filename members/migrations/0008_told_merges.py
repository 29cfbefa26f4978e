from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
import django.db.models.deletion

UNDECIDED = Q(status="proposed", decider=None, decider_member=None, decided_at=None)
DECIDED = Q(
    status__in=["agreed", "refused"], decider__isnull=False, decider_member__isnull=False,
    decided_at__isnull=False,
)
AT_ONCE = Q(
    status="agreed", proposer=None, decider=None, decider_member=None, decided_at__isnull=False
)


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_phone_index'),
    ]

    operations = [
        migrations.AlterField(
            model_name='membermerge',
            name='proposer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by'),
        ),
        migrations.AddField(
            model_name='membermerge',
            name='source',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64, verbose_name='told by'),
        ),
        migrations.RemoveConstraint(
            model_name='membermerge',
            name='merge_decision_complete',
        ),
        migrations.AddConstraint(
            model_name='membermerge',
            constraint=models.CheckConstraint(condition=UNDECIDED | DECIDED | AT_ONCE, name='merge_decision_complete'),
        ),
        migrations.AddConstraint(
            model_name='membermerge',
            constraint=models.CheckConstraint(condition=Q(proposer__isnull=False, source='') | Q(proposer=None) & ~Q(source=''), name='merge_proposed_or_told'),
        ),
        migrations.AddConstraint(
            model_name='membermerge',
            constraint=models.CheckConstraint(condition=~Q(status='agreed') | Q(proposer=None, decider=None) | Q(proposer__isnull=False, decider__isnull=False), name='merge_agreed_by_two_or_none'),
        ),
    ]
