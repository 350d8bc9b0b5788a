"""``python -m sipgen``: the command line."""

import sys

from sipgen.cli.main import main

sys.exit(main())
