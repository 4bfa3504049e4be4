"""Shows conversations that the demo model learns from, as the model sees them.

python -m tools.demo_model.show --progress 0.5 --count 3
"""

from __future__ import annotations

import argparse
from random import Random

from tools.demo_model.batches import plan, stage
from tools.demo_model.conversations import Writer
from tools.demo_model.rendering import pieces


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--progress", type=float, default=0.5, help="of training: 0 to 1")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for number in range(options.count):
        rng = Random(f"{options.seed}/{number}")
        conversation = Writer(plan(stage(options.progress), rng), rng).write()
        print("".join(text for text, _ in pieces(conversation)))
        print()


if __name__ == "__main__":
    main()
