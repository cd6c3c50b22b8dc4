"""The tests compute as the app does, with one thread of numpy's and torch's each (see app.py): a
second would take the core of another test. Read when numpy is imported.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")
