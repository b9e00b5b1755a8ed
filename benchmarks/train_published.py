"""Train a published design on drawn figures and examine it: ``python -m benchmarks.train_published --device cuda``.

What comes out is no published network, whatever its size: it knows drawings.
It shows what the evaluation makes of a trained network as large as those.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import cast

import torch

from generators.architectures import find_architecture
from generators.evaluate.determinism import reproducible
from generators.evaluate.experiment import examine
from generators.evaluate.measures.reading import HeatmapNetwork
from generators.evaluate.probes.gathering import gather_probes
from generators.evaluate.trained import draw_lessons, train
from generators.pipeline.evidence.trying import SEEDS


def main() -> int:
    """Train, examine, print both as JSON lines; return 0 where the network is called trained."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--architecture", default="convnextpose-xs")
    arguments.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments.add_argument("--figures", type=int, default=4000)
    arguments.add_argument("--epochs", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    architecture = find_architecture(chosen.architecture)
    if architecture is None:
        sys.exit(f"there is no architecture {chosen.architecture!r}")
    started, losses = time.perf_counter(), list[float]()
    lessons = draw_lessons(chosen.seed, chosen.figures)
    with reproducible():
        network, _ = train(architecture, chosen.seed, lessons, chosen.epochs, device=chosen.device, heard=losses.append)
    name = torch.cuda.get_device_name() if chosen.device == "cuda" else "cpu"
    _say(device=name, seconds=time.perf_counter() - started, mean_loss_cells_by_epoch=losses)
    probes, _ = gather_probes(SEEDS, Path("no-folder"))
    outcome = examine(cast("HeatmapNetwork", network.eval()), architecture, probes, chosen.architecture)
    criteria = {r.kind: {c.name: [c.value, c.answer] for c in r.criteria} for r in outcome.results}
    _say(statement=outcome.statement, criteria=criteria)
    return int(outcome.statement != "trained")


def _say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
