"""The lock's entries and their files, from the first link to a newer file.

- :mod:`~generators.pipeline.locking.adding`: a link to an entry
- :mod:`~generators.pipeline.locking.fetching`: an entry's file, from the best source that gives it
- :mod:`~generators.pipeline.locking.standing`: which files are here, and whether they are the ones that the lock names
- :mod:`~generators.pipeline.locking.pinning`: what files are, written into the lock; whether the lock is stale
- :mod:`~generators.pipeline.locking.upstream`, :mod:`~generators.pipeline.locking.updating`: what sources have now, and
  taking it
- :mod:`~generators.pipeline.locking.sweeping`: files that nothing needs any more
"""
