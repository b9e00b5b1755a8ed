"""Whether the rule tells trained from untrained whatever the seed: ``python -m benchmarks.trained_or_not``.

The trained control is built, or taken from the cache; then, at each of 20 seeds
of probes and twins, it and four untrained twins of it are examined like any
checkpoint. The exit code is 1 unless each of the hundred is named for what it is.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

import torch
from torch import nn

from generators.architectures import STAND_INS
from generators.evaluate.experiment import examine
from generators.evaluate.loading import LoadRefusal, load_network
from generators.evaluate.measures.reading import HeatmapNetwork
from generators.evaluate.preprocessing import to_input
from generators.evaluate.probes.gathering import gather_probes
from generators.evaluate.twins import recalibrate, redraw, shuffle
from generators.model.lock import Unavailable
from generators.pipeline.evidence.running import build_control
from generators.pipeline.files.identifying import identify_file
from generators.pipeline.files.reading import read_fingerprint
from generators.pipeline.files.tensors import open_weights
from generators.pipeline.project import open_project

CPU = torch.device("cpu")
SEEDS_EACH = 3
"""As a build takes them (generators/pipeline/evidence/trying.py)."""


def main() -> int:
    """Examine and print; return 0 when every network was named for what it is."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=20)
    count = arguments.parse_args().seeds
    network = _trained_control()
    wrong = 0
    for seed in range(1, count + 1):
        for name, examined, expected in _networks(network, seed):
            said, met = _examine(examined(), seed)
            wrong += said != expected
            print(f"seed {seed:2d} {name:24s} {said:12s} criteria met: {met}", flush=True)  # noqa: T201
    print(f"{wrong} wrong of {5 * count}")  # noqa: T201
    return min(wrong, 1)


def _trained_control() -> HeatmapNetwork:
    project = open_project(Path.cwd(), os.environ)
    entry = next(control for control in project.lock.controls if control.training)
    artifact = build_control(entry, project)
    if isinstance(artifact, Unavailable):
        sys.exit(f"{entry.id}: {artifact.reason}")
    fingerprint = read_fingerprint(artifact.path, project.cache, entry.id)
    with open_weights(artifact.path, fingerprint, identify_file(fingerprint, project.cache)) as weights:
        network = load_network(STAND_INS[0], weights, CPU)
    if isinstance(network, LoadRefusal):
        sys.exit(network.detail)
    return cast("HeatmapNetwork", network)


def _networks(network: HeatmapNetwork, seed: int) -> Iterator[tuple[str, Callable[[], nn.Module], str]]:
    twin_seed = 10_000 + seed
    yield "control", lambda: network, "trained"
    for name, make in (
        ("redrawn", lambda: redraw(STAND_INS[0], twin_seed, CPU)),
        ("shuffled", lambda: shuffle(network, twin_seed)),
    ):
        yield name, make, "untrained"
        yield f"{name}-recalibrated", partial(_recalibrated_from, make, twin_seed), "untrained"


def _recalibrated_from(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    probes, _ = gather_probes((seed, seed + 1), Path("no-folder"))
    crops = [probe.crops for shown in probes.values() for kind in shown.values() for probe in kind]
    return recalibrate(cast("HeatmapNetwork", make()), torch.cat([torch.from_numpy(to_input(c[:1])) for c in crops]))


def _examine(network: nn.Module, seed: int) -> tuple[str, str]:
    probes, _ = gather_probes(tuple(SEEDS_EACH * seed + number for number in range(SEEDS_EACH)), Path("no-folder"))
    outcome = examine(cast("HeatmapNetwork", network), STAND_INS[0], probes, "benchmark")
    met = [f"{r.kind} {sum(c.answer == 'yes' for c in r.criteria)}/{len(r.criteria)}" for r in outcome.results]
    return outcome.statement, ", ".join(met)


if __name__ == "__main__":
    sys.exit(main())
