"""Run one worker: ``python -m mehvar.gateway SETTINGS SLOT SHARED``; the supervisor does it."""

import logging
import sys
from pathlib import Path

from mehvar.gateway.data import read_settings
from mehvar.gateway.worker import main

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
main(read_settings(Path(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[3]))
