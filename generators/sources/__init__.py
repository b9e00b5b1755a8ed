"""Finds the files of lock entries, and gets them: the only package that may open a connection.

A build never downloads: it asks :mod:`~generators.sources.local` alone, and a file that isn't here is
:class:`~generators.model.lock.Unavailable`. The commands that get files ask the others:

- :mod:`~generators.sources.local`: looks in ``checkpoints/<id>/`` and in the folders of ``ASSAY_CHECKPOINTS``
- :mod:`~generators.sources.addresses`: the ways in which people name a file; :mod:`~generators.sources.redaction`: what
  of an address may be shown
- :mod:`~generators.sources.resolving`: from an address of the lock to a :mod:`~generators.sources.remote` file, by
  :mod:`~generators.sources.http_remote`, :mod:`~generators.sources.drive`, :mod:`~generators.sources.hub` or
  :mod:`~generators.sources.object_storage`
- :mod:`~generators.sources.connection`: HTTP with time limits and told redirects
- :mod:`~generators.sources.download`: one file, resumed, retried and verified; :mod:`~generators.sources.part_file`:
  what is there until then; :mod:`~generators.sources.exclusive`: one process at a time
- :mod:`~generators.sources.listing`: what a folder holds
- :mod:`~generators.sources.github_comments`, :mod:`~generators.sources.github_issues`: what is written to GitHub;
  :mod:`~generators.sources.github_api`: how ``gh`` is asked; :mod:`~generators.sources.hidden_line`: how what was
  written is found again; :mod:`~generators.sources.published`: whether what is linked to there is published
- :mod:`~generators.sources.faults`: why a file can't be had, and with which exit code a command says so
"""

from generators.sources.local import find_artifact, search_folders

__all__ = ["find_artifact", "search_folders"]
