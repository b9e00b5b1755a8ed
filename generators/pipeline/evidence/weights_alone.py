"""What weights alone tell of a file's training, kept by all that it rests on. numpy is imported only to measure."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from blake3 import blake3
from msgspec.structs import replace

from generators.architectures import find_architecture
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.tensor import WeightTensor
from generators.model.training import TrainingEvidence
from generators.pipeline.files.tensors import OpenTensors, naming_of, open_tensors, published_names
from generators.provenance import digest_code
from generators.store import CacheFolder

log = logging.getLogger("generators.pipeline")

WEIGHTS_CODE = ("weights", "architectures", "model", "containers", "fingerprint", "identify")
"""Parts of the package whose change makes kept training evidence and kinship stale."""


def measure_weights(
    path: Path, fingerprint: Fingerprint, identification: Identification, cache: CacheFolder, label: str
) -> TrainingEvidence | None:
    """Measure a file's weights, or take what was kept for the same fingerprint, identity and code.

    Tensors whose bytes are missing are left out: the others still tell.

    Returns:
        None where the file has no tensor of a model.

    Raises:
        ContainerError: The path can't be opened, or doesn't hold the fingerprint's weights any more.
        OSError: The file can't be read.
    """
    if not fingerprint.model_tensors:
        return None
    key = f"training {digest_fingerprint(fingerprint)} {identification.architecture} {naming_of(identification)}"
    return cache.get_or_compute(
        f"{key} {digest_code(*WEIGHTS_CODE)}",
        TrainingEvidence,
        lambda: _measure(path, fingerprint, identification, label),
    )


def digest_fingerprint(fingerprint: Fingerprint) -> str:
    """Return the digest of everything that was read of a file, but not of what the file is called."""
    nameless = replace(fingerprint, file=replace(fingerprint.file, name=""))
    return blake3(msgspec.msgpack.encode(nameless)).hexdigest()


def _measure(path: Path, fingerprint: Fingerprint, identification: Identification, label: str) -> TrainingEvidence:
    from generators.weights.training import measure_training
    from generators.weights.values import MAX_ELEMENTS

    started = time.perf_counter()
    names = published_names(fingerprint, identification)
    with open_tensors(path, fingerprint, MAX_ELEMENTS) as tensors:
        found = measure_training(
            fingerprint,
            find_architecture(identification.architecture or ""),
            names,
            _present(tensors, fingerprint, names),
        )
    log.info("%s: weights alone say %s (%.1f s)", label, found.state, time.perf_counter() - started)
    return found


def _present(tensors: OpenTensors, fingerprint: Fingerprint, names: Mapping[str, str]) -> Iterator[WeightTensor]:
    for tensor in fingerprint.model_tensors:
        if tensor.digest is not None:
            yield tensors.read(tensor.name, names[tensor.model_name])
