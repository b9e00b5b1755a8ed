"""Crops in batches, read ahead of the network on several threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from generators.errors import EvaluationError
from generators.evaluate.human36m.test_set import Frame
from generators.evaluate.preprocessing import crop_matrix, to_input, warp

MOST_THREADS = 8
"""Decoding an image of 1000 by 1000 takes some 10 ms; more threads only wait for the disk."""
BATCHES_AHEAD = 2
"""Read while the network works on the one before."""


def load_batches(folder: Path, frames: Sequence[Frame], batch_size: int) -> Iterator[NDArray[np.float32]]:
    """Yield the crops of all frames in their order, float32[batch, 3, 256, 256] each.

    Raises:
        EvaluationError: An image is missing, damaged, or of another size than annotated.
    """
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    waiting: deque[list[Future[NDArray[np.float32]]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for start in range(0, len(frames), batch_size):
                batch = frames[start : start + batch_size]
                waiting.append([pool.submit(load_crop, folder, frame) for frame in batch])
                if len(waiting) > BATCHES_AHEAD:
                    yield np.stack([crop.result() for crop in waiting.popleft()])
            while waiting:
                yield np.stack([crop.result() for crop in waiting.popleft()])
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def load_crop(folder: Path, frame: Frame) -> NDArray[np.float32]:
    """Return the network's input for one frame, float32[3, 256, 256].

    Raises:
        EvaluationError: The image is missing, damaged, or of another size than annotated.
    """
    path = folder / frame.path
    try:
        with Image.open(path) as image:
            size = image.size
            pixels = np.asarray(image.convert("RGB")) if size == frame.size else None
    except FileNotFoundError as problem:
        raise EvaluationError(
            "image-missing",
            "the image isn't there",
            where=str(path),
            remedy="complete the folder of images; a part of the images may not be left out",
        ) from problem
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise EvaluationError(
            "image-damaged", f"the image can't be read: {problem}", where=str(path), remedy="copy it anew"
        ) from problem
    if pixels is None:
        raise EvaluationError(
            "image-size",
            f"the image has {size[0]} by {size[1]} pixels, and {frame.size[0]} by {frame.size[1]} are annotated",
            where=str(path),
            remedy="use the images that the annotations were made of, not scaled or cut",
        )
    left, top, width, height = map(float, frame.box)
    crops = to_input(warp(pixels, crop_matrix((left, top, width, height)))[None])
    return np.asarray(crops[0])
