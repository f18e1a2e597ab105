"""The order of a falling list: what is empty comes last, and is not spoken of where nothing can be empty."""

from datetime import date

import pytest
from django.db.models import Q

from mehvar.programmes.models import Delivery
from mehvar.ui.tables import Column
from mehvar.ui.tables.asking import sorted_by

COLUMNS = [Column("due_on", "Due", kind="date", sortable=True)]
DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("condition", "nulls_last"),
    [
        (Q(), True),
        (Q(due_on__lt=DAY), None),
        (Q(due_on__lt=DAY) & (Q(state="open") | Q(state="claimed")), None),
        (Q(due_on__lt=DAY) | Q(state="open"), True),
        (~Q(due_on__lt=DAY), True),
        (Q(done_on__lt=DAY), True),
        (Q(due_on=None), True),
    ],
)
def test_a_falling_order_speaks_of_empty_days_only_where_there_may_be_some(
    condition: Q, nulls_last: object
) -> None:
    rows = sorted_by(Delivery.objects.filter(condition), "-due_on", COLUMNS, ())
    falling = rows.query.order_by[0]
    assert falling.descending
    assert falling.nulls_last is nulls_last
