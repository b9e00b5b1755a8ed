"""Digests that stay the same when only the packaging of the weights changes.

Both are BLAKE3 over the sorted model tensors. Each field is written with its
length in front, so that no two lists of tensors give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

from blake3 import blake3


def digest_layout(tensors: Iterable[tuple[str, str, tuple[int, ...]]]) -> str:
    """Return the digest, in hexadecimal, of (name, dtype, shape) triples in any order."""
    return _digest((name, dtype, _shape_text(shape)) for name, dtype, shape in tensors)


def digest_weights(tensors: Iterable[tuple[str, str, tuple[int, ...], str]]) -> str:
    """Return the digest, in hexadecimal, of (name, dtype, shape, tensor digest) in any order."""
    return _digest((name, dtype, _shape_text(shape), digest) for name, dtype, shape, digest in tensors)


def _shape_text(shape: tuple[int, ...]) -> str:
    return "x".join(str(size) for size in shape)


def _digest(rows: Iterable[tuple[str, ...]]) -> str:
    hasher = blake3()
    for row in sorted(rows):
        for field in row:
            data = field.encode("utf-8", "surrogatepass")
            hasher.update(len(data).to_bytes(8, "little"))
            hasher.update(data)
    return hasher.hexdigest()
