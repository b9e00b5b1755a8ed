"""Reading checkpoints without executing, importing or resolving anything they name.

:func:`open_checkpoint` takes a path and gives a :class:`CheckpointReader`: the
container's index (``container``) and its storages' bytes (``read_storage``).
A file that is damaged, hostile or no checkpoint at all is described by
findings; only a path that is no readable regular file is an error.

Map of the package, from bytes to names:

- :mod:`~generators.containers.file_bytes`, :mod:`~generators.containers.segments`,
  :mod:`~generators.containers.cursor`: bytes by position, for any thread
- :mod:`~generators.containers.sniff`: what kind of file it is
- :mod:`~generators.containers.zip_archive`: the records of a zip file, also of a broken one, from its
  :mod:`~generators.containers.zip_end`, :mod:`~generators.containers.zip_directory` and
  :mod:`~generators.containers.zip_local` headers, or by :mod:`~generators.containers.zip_scan`;
  :mod:`~generators.containers.zip_records`, :mod:`~generators.containers.zip_names`: what they are called
- :mod:`~generators.containers.torch_zip`, :mod:`~generators.containers.torch_legacy`,
  :mod:`~generators.containers.torch_tar`, :mod:`~generators.containers.safetensors`: the formats;
  :mod:`~generators.containers.foreign_pickles`: what other pickles name
- :mod:`~generators.containers.pickle_machine`: the interpreter, with its :mod:`~generators.containers.pickle_state`
  and :mod:`~generators.containers.pickle_opcodes`; :mod:`~generators.containers.pickle_calls`: the few calls it
  understands; :mod:`~generators.containers.values`: what it builds
- :mod:`~generators.containers.global_policy`: which names are harmless, harmful or unknown
- :mod:`~generators.containers.storages`, :mod:`~generators.containers.dtypes`: storages and element types
- :mod:`~generators.containers.tree`, :mod:`~generators.containers.leaves`: names of tensors, text of other values
- :mod:`~generators.containers.index`: from all of that to a container
- :mod:`~generators.containers.reader`: the entrance

Names: keys from the checkpoint's root joined with ``.``; indices of lists as
decimal text; a whole pickled module has the names of its state dict; a
checkpoint that is one bare tensor is named ``tensor``; the constants of a
TorchScript archive are ``constants.0`` and on.
"""

from __future__ import annotations

from generators.containers.reader import CheckpointReader, open_checkpoint

__all__ = ["CheckpointReader", "open_checkpoint"]
