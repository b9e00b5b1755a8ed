"""The corpus that the coverage-guided fuzzer begins with, written anew from our own builders each time."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from fuzz.choices import Tape
from fuzz.other_layouts import other_file
from fuzz.pickle_programs import carried
from fuzz.safetensors_headers import safetensors_file
from fuzz.zip_layouts import zip_archive
from hostile.corpus import all_cases

MOST_BYTES = 1 << 16
"""Larger files only slow the fuzzer down."""
RAW = b"\xff"
"""In front of a file's own bytes; any other first byte picks a generator, which reads the rest as its decisions."""
GENERATORS = (zip_archive, carried, safetensors_file, other_file)
TAPES = 40
"""For each generator."""


def file_of(seed: bytes) -> bytes:
    """Return the file that an input of the fuzzer stands for."""
    if seed[:1] == RAW or not seed:
        return seed[1:]
    return GENERATORS[seed[0] % len(GENERATORS)](Tape(seed[1:]))


def write_seeds(folder: Path) -> int:
    """Write every seed to a file named by its digest; return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {hashlib.sha256(seed).hexdigest()[:16]: seed for seed in _seeds()}
    for name, seed in seeds.items():
        (folder / name).write_bytes(seed)
    return len(seeds)


def _seeds() -> Iterator[bytes]:
    for case in all_cases():
        # what exhausts is cut short by budgets after a second or so, and teaches a fuzzer to be slow
        if case.kind != "exhaustion" and len(content := case.content()) <= MOST_BYTES:
            yield RAW + content
    chosen = random.Random(0)
    for number in range(len(GENERATORS)):
        for _ in range(TAPES):
            yield bytes([number]) + chosen.randbytes(chosen.randrange(20, 400))
