"""A front of `python -m classifiers train`, for a checkout: python scripts/train.py --help"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from classifiers.command.train import main

if __name__ == "__main__":
    sys.exit(main())
