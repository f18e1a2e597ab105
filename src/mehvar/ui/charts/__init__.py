"""Draw charts as SVG on the server, each with its data table beneath.

Directions, digits and labels follow the reader: in Persian bars and lines run from right to left and labels stand
between U+2067 and U+2069. Sizes are in CSS px; widths in per cent, so that words keep their size on a phone.
"""

from mehvar.ui.charts.bars import bars, stacked
from mehvar.ui.charts.lines import line, sparkline
from mehvar.ui.charts.tiles import tile_map

__all__ = ["bars", "line", "sparkline", "stacked", "tile_map"]
