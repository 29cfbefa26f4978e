from django.db import migrations

from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0011_wechat_avatars'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='member',
            options={'ordering': ['-id'], 'permissions': [('lock_member', 'Can lock members out of their accounts'), ('unmask_contact', 'Can see phone numbers of members')], 'verbose_name': 'member', 'verbose_name_plural': 'members'},
        ),
        guards.install(guards.read(__file__, 'nickname_grams')),
    ]
