"""A whole file: digests and statistics of all its tensors, against its SHA-256 alone."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.samples import write_large_safetensors, write_training_checkpoint
from benchmarks.timing import in_child, pairs, peak_mebibytes, ratios, seconds, summarize
from generators.model.benchmarks import Benchmark


def measure(folder: Path, runs: int) -> Iterator[Benchmark]:
    """Yield the figures of a training checkpoint of about 390 MiB, and the memory that one of 4 GiB takes."""
    path = write_training_checkpoint(folder)
    two = in_child("fingerprints:time_against_sha256", path, runs)
    yield summarize("fingerprint-two-cores", "ratio", ratios(two), 1.05)
    yield summarize(
        "fingerprint-one-core", "ratio", ratios(in_child("fingerprints:time_against_sha256", path, runs, cores=1)), 1.7
    )
    if shutil.which("sha256sum"):
        timed = in_child("fingerprints:time_against_sha256sum", path, runs)
        yield summarize("fingerprint-sha256sum", "ratio", ratios(timed), 0.3)
    # one process has torch and its threads, the other hasn't: their times can't be taken in turn
    theirs = in_child("fingerprints:time_torch", path, max(3, runs // 3))
    yield summarize("fingerprint-torch", "ratio", [ours / min(theirs) for ours, _ in two], 0.25)
    yield summarize("verify", "ratio", ratios(in_child("fingerprints:time_verification", path, runs)), 0.25)
    large = write_large_safetensors(folder)
    yield summarize("fingerprint-memory", "MiB", [in_child("fingerprints:fingerprint_memory", large)], 150)


def digest_sha256(path: Path) -> str:
    """Return the SHA-256 of a file by the standard library."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def time_against_sha256(path: str, runs: int) -> list[tuple[float, float]]:
    """Time the full fingerprint and ``hashlib.file_digest`` in turn; seconds."""
    from generators.pipeline.files.reading import inspect_file

    file = Path(path)
    return pairs(lambda: inspect_file(file), lambda: digest_sha256(file), runs)


def time_against_sha256sum(path: str, runs: int) -> list[tuple[float, float]]:
    """Time the full fingerprint and coreutils' ``sha256sum`` in turn; seconds."""
    from generators.pipeline.files.reading import inspect_file

    command = ["sha256sum", path]
    return pairs(
        lambda: inspect_file(Path(path)),
        lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True),
        runs,
    )


def time_verification(path: str, runs: int) -> list[tuple[float, float]]:
    """Time telling a known file by its BLAKE3 and ``hashlib.file_digest`` in turn; seconds."""
    from generators.containers.file_bytes import FileBytes
    from generators.fingerprint.file_pass import digest_blake3

    def verify() -> None:
        with FileBytes(path) as file:
            digest_blake3(file)

    return pairs(verify, lambda: digest_sha256(Path(path)), runs)


def time_torch(path: str, runs: int) -> list[float]:
    """Time what a script does that has torch: load, digest the file, measure each tensor with numpy; seconds."""
    import torch

    def measure_by_torch() -> None:
        loaded = torch.load(path, weights_only=True)  # noqa: TID251 - what is compared with
        digest_sha256(Path(path))
        _measure_tensors(loaded)

    measure_by_torch()
    return [seconds(measure_by_torch) for _ in range(runs)]


def _measure_tensors(value: object) -> None:
    import numpy as np
    import torch

    if isinstance(value, dict):
        for part in value.values():
            _measure_tensors(part)
    elif isinstance(value, torch.Tensor) and value.numel():
        array = value.numpy()
        hashlib.sha256(array.tobytes()).hexdigest()
        finite = array[np.isfinite(array)]
        _ = (array == 0).sum(), finite.min(), finite.max(), finite.mean(dtype=np.float64), finite.std(dtype=np.float64)


def fingerprint_memory(path: str) -> float:
    """Return the peak memory of a process that takes the full fingerprint of a file, in MiB."""
    from generators.pipeline.files.reading import inspect_file

    inspect_file(Path(path))
    return peak_mebibytes()
