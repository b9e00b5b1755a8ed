"""Reading checkpoints without executing, importing or resolving anything they name.

:func:`open_checkpoint` takes a path and gives a :class:`CheckpointReader`: the
container's index (``container``) and its storages' bytes (``read_storage``).
A file that is damaged, hostile or no checkpoint at all is described by
findings; only a path that is no readable regular file is an error.

Map of the package, from bytes to names:

- :mod:`~generators.containers.file_bytes`, :mod:`~generators.containers.segments`,
  :mod:`~generators.containers.cursor`: bytes by position, for any thread; :mod:`~generators.containers.defects`: what
  ends their reading; :mod:`~generators.containers.ranged_bytes`: those of a file elsewhere
- :mod:`~generators.containers.sniff`: what kind of file it is; :mod:`~generators.containers.foreign_files`: what it is
  when it is no checkpoint
- :mod:`~generators.containers.zip_archive`: the records of a zip file, also of a broken one, from its
  :mod:`~generators.containers.zip_end`, :mod:`~generators.containers.zip_directory` and
  :mod:`~generators.containers.zip_local` headers, or by :mod:`~generators.containers.zip_scan`;
  :mod:`~generators.containers.zip_records`, :mod:`~generators.containers.zip_names`: what they are called
- :mod:`~generators.containers.torch_zip`, :mod:`~generators.containers.torch_legacy`,
  :mod:`~generators.containers.torch_tar`, :mod:`~generators.containers.torch_export`,
  :mod:`~generators.containers.torch_distributed` with :mod:`~generators.containers.distributed_metadata`,
  :mod:`~generators.containers.safetensors`, :mod:`~generators.containers.numpy_array` (headers by
  :mod:`~generators.containers.literal`), :mod:`~generators.containers.numpy_archive`,
  :mod:`~generators.containers.gguf` (by :mod:`~generators.containers.field_cursor`),
  :mod:`~generators.containers.onnx_model` with :mod:`~generators.containers.onnx_tensor` (by
  :mod:`~generators.containers.wire` and :mod:`~generators.containers.varint_segment`): the formats;
  :mod:`~generators.containers.foreign_pickles`: what other pickles name
- :mod:`~generators.containers.wrappers`, :mod:`~generators.containers.members`,
  :mod:`~generators.containers.inflate`, :mod:`~generators.containers.windows`: a checkpoint inside an archive of
  another kind, unpacked only where it is compressed
- :mod:`~generators.containers.shard_index`: the index of a model in several files, with the files beside it
- :mod:`~generators.containers.pickle_machine`: the interpreter, with its :mod:`~generators.containers.pickle_state`
  and :mod:`~generators.containers.pickle_opcodes`; :mod:`~generators.containers.pickle_calls`: the few calls it
  understands; :mod:`~generators.containers.values`: what it builds
- :mod:`~generators.containers.global_policy`: which names are harmless, harmful or unknown
- :mod:`~generators.containers.storages`, :mod:`~generators.containers.dtypes`: storages and element types
- :mod:`~generators.containers.numpy_values`, :mod:`~generators.containers.array_storages`: numpy's arrays and scalars;
  :mod:`~generators.containers.sharded_tensors`: one process's share of a tensor
- :mod:`~generators.containers.tree`, :mod:`~generators.containers.leaves`: names of tensors, text of other values;
  :mod:`~generators.containers.readable`: dates, paths and the like; :mod:`~generators.containers.outline`: which keys
  hold keys
- :mod:`~generators.containers.index`: from all of that to a container; :mod:`~generators.containers.merging`: several
  as one; :mod:`~generators.containers.checksums`: what can be checked
- :mod:`~generators.containers.formats`: which reader a file needs; :mod:`~generators.containers.reader`: the entrance

Names: keys from the checkpoint's root joined with ``.``; indices of lists as
decimal text; a whole pickled module has the names of its state dict; a
checkpoint that is one bare tensor is named ``tensor``, one that is another
object ``object``; the constants of a TorchScript archive are ``constants.0``
and on, those of an exported program ``constants.<name>``. ONNX has its own
names, in subgraphs behind ``<node>.<attribute>.``; an array of an ``.npz`` has
its record's. A numpy array of numbers and a bare storage are tensors too. A
sparse, nested or wrapping tensor is listed by its parts, a quantized one by its
integers under its own name and ``scales``, ``zero_points`` below it; the share
that a file has of a tensor spread over processes has the tensor's name.
"""

from __future__ import annotations

from generators.containers.reader import CheckpointReader, open_checkpoint

__all__ = ["CheckpointReader", "open_checkpoint"]
