"""What a file is, by its index alone: quick, whatever its size.

Nothing here may import numpy, Babel or rich: a question about one file
is answered before they are there.
"""

from __future__ import annotations

import os

from generators.architectures import ARCHITECTURES, STAND_INS
from generators.containers import open_checkpoint
from generators.containers.global_policy import printable
from generators.fingerprint.compose import fingerprint_header
from generators.identify.match import ModelTensor, identify_tensors
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.inspection import Inspection


def inspect_heading(path: str | os.PathLike[str]) -> Inspection:
    """Read a file's index and identify what it holds; no byte of a tensor is read.

    Args:
        path: Of one checkpoint file.

    Returns:
        The same as of the whole file, with None for what only its bytes tell: digests and statistics.

    Raises:
        ContainerError: The path can't be opened as a file.
    """
    with open_checkpoint(path) as reader:
        return identified(fingerprint_header(shown_name(path), reader.size_bytes, reader.container))


def shown_name(path: str | os.PathLike[str]) -> str:
    """Return a file's name as text that JSON can hold: bytes of it that are no UTF-8 become escapes."""
    return printable(os.path.basename(path))


def identified(fingerprint: Fingerprint) -> Inspection:
    """Return a fingerprint with its identification."""
    inherited = {name: getattr(fingerprint, name) for name in Fingerprint.__struct_fields__}
    return Inspection(**inherited, identification=identify_fingerprint(fingerprint))


def identify_fingerprint(fingerprint: Fingerprint) -> Identification:
    """Identify the model of a fingerprint by the names and shapes of all its tensors."""
    tensors = [
        ModelTensor(name=t.model_name, dtype=t.dtype, shape=t.shape, missing=t.missing)
        for t in fingerprint.model_tensors
    ]
    # a stand-in fits in every tensor or not at all: no published file is ever held against one
    own = identify_tensors(tensors, STAND_INS)
    return own if own.status == "EXACT" else identify_tensors(tensors, ARCHITECTURES)
