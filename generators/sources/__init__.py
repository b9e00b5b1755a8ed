"""Finds the files of lock entries.

- :mod:`~generators.sources.local`: looks in ``checkpoints/<id>/`` and in the folders of ``ASSAY_CHECKPOINTS``

A build never downloads: a file that isn't here is :class:`~generators.model.lock.Unavailable`.
"""

from generators.sources.local import find_artifact, search_folders

__all__ = ["find_artifact", "search_folders"]
