"""Make the tables of the ledger, its one head row, and the guards that refuse any change of an entry."""

from django.db import migrations, models

from mehvar.ledger.models import guards


def put_guards_up(_apps, schema_editor):
    guards.install(schema_editor.connection)


def take_guards_down(_apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                ("public", models.BooleanField()),
                ("actor_kind", models.CharField(max_length=20)),
                ("actor_identifier", models.CharField(max_length=200)),
                ("actor_label", models.TextField(blank=True)),
                ("action", models.CharField(max_length=100)),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_identifier", models.CharField(max_length=200)),
                ("subject_label", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("content", models.TextField()),
                ("content_hash", models.CharField(max_length=64)),
                ("salt", models.BinaryField()),
                ("leaf", models.BinaryField()),
                ("leaf_hash", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("sequence",),
                "indexes": [
                    models.Index(
                        fields=["subject_type", "subject_identifier", "-sequence"], name="ledger_entry_of_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
                ("leaf_hash", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="ledger_head_only_one")
                ],
            },
        ),
        migrations.RunSQL(
            f"INSERT INTO ledger_head (id, sequence, leaf_hash) VALUES (1, 0, '{'0' * 64}')", "DELETE FROM ledger_head"
        ),
        migrations.RunPython(put_guards_up, take_guards_down),
    ]
