"""Files of S3, Google Cloud Storage and whatever else fsspec reaches."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from generators.errors import SourceError
from generators.sources.connection import require_online
from generators.sources.faults import missing_package
from generators.sources.remote import Description, Reply

BLOCK_BYTES = 1 << 22
"""Bytes a request: each costs some milliseconds, and in some places money."""
_PACKAGES = {"s3": "s3fs", "gs": "gcsfs"}


class StorageRemote:
    """A file of object storage; its keys come from where boto and gcloud look for them.

    Args:
        protocol: ``s3`` or ``gs``.
        address: ``s3://bucket/key``.
    """

    def __init__(self, protocol: str, address: str) -> None:
        self._address = address
        self._protocol = protocol
        self._system = open_storage(protocol)

    @property
    def shown(self) -> str:
        """The address: it holds no secret."""
        return self._address

    @contextmanager
    def open(self, start: int = 0, validator: str = "") -> Iterator[Reply]:
        """Ask for the file from byte ``start``; the object's ETag or generation is its validator."""
        with self._telling():
            info = self._system.info(self._address)
            found, total = storage_validator(info), int(info["size"])
            begin = start if start and validator == found else 0
            yield Reply(start=begin, total_bytes=total, validator=found, chunks=self._blocks(begin, total))

    def describe(self) -> Description:
        """Ask what the object is."""
        with self._telling():
            # what a listing said earlier may be true no more
            self._system.invalidate_cache()
            info = self._system.info(self._address)
            return Description(size_bytes=int(info["size"]), validator=storage_validator(info))

    def read_range(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from ``start``."""
        with self._telling():
            return bytes(self._system.cat_file(self._address, start=start, end=start + size))

    def _blocks(self, start: int, total: int) -> Iterator[bytes]:
        while start < total:
            data = self.read_range(start, min(BLOCK_BYTES, total - start))
            if not data:
                return
            yield data
            start += len(data)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        with telling_storage(self._address):
            yield


def open_storage(protocol: str) -> Any:  # noqa: ANN401 - fsspec has no types
    """Return fsspec's file system of a protocol.

    Raises:
        SourceError: ``offline`` or ``missing-package``.
    """
    require_online()
    try:
        import fsspec

        return fsspec.filesystem(protocol)
    except ImportError as problem:
        raise missing_package(_PACKAGES.get(protocol, "fsspec"), "s3" if protocol == "s3" else "gcs") from problem


def storage_validator(info: Mapping[str, object]) -> str:
    """Return what changes with the object: its ETag, its generation, or when it was made."""
    for key in ("ETag", "etag", "generation", "LastModified", "created", "mtime"):
        if info.get(key):
            return f"{key} {info[key]}"
    return ""


@contextmanager
def telling_storage(address: str) -> Iterator[None]:
    """Say what an error of the file system means."""
    try:
        yield
    except FileNotFoundError:
        raise SourceError(
            "not-found", "there is no such object", where=address, remedy="correct the address, or list its folder"
        ) from None
    except PermissionError:
        raise SourceError(
            "forbidden", "the storage doesn't give it out", where=address, remedy="check the credentials it looks for"
        ) from None
    except TimeoutError:
        raise SourceError("timed-out", "the storage is silent", where=address, remedy="try again later") from None
    except _errors("botocore.exceptions", "NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
        raise SourceError(
            "forbidden", "there are no keys for it", where=address, remedy="set them where boto looks for them"
        ) from None
    except _broken_connections():
        raise SourceError(
            "connection", "the connection can't be made or broke off", where=address, remedy="try again later"
        ) from None


def _broken_connections() -> tuple[type[Exception], ...]:
    return (OSError, *_errors("botocore.exceptions", "BotoCoreError"), *_errors("aiohttp", "ClientError"))


def _errors(module: str, *names: str) -> tuple[type[Exception], ...]:
    """Return errors of a client's library that are no errors of Python's own, where the library is in use."""
    loaded = sys.modules.get(module)
    return tuple(getattr(loaded, name) for name in names) if loaded else ()
