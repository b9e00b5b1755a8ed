"""Which names in a pickle are known to be harmless, and which are known to do harm.

Nothing here is imported or called; the lists only decide what a reader is
warned of. A name on neither list is unknown, and unknown isn't safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, assert_never

from generators.containers.dtypes import ITEMSIZE_BYTES, STORAGE_DTYPES, TENSOR_CLASS_DTYPES, dtype_of
from generators.containers.harmful_globals import (
    HARMFUL_BUILTINS,
    HARMFUL_MODULES,
    HARMFUL_NAMES,
    HARMFUL_PREFIXES,
    REACHED_MODULES,
    VENDORED_MODULES,
    Harm,
)
from generators.containers.pickle_calls import canonical
from generators.containers.values import COMPUTED, EXTENSIONS, Global
from generators.model.finding import Finding

Verdict = Literal[Harm, "computed", "extension", "unknown", "known"]

KNOWN = frozenset(
    {
        # Source: torch/_weights_only_unpickler.py of PyTorch 2.13, `_get_allowed_globals`
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch._utils._rebuild_qtensor",
        "torch._utils._rebuild_sparse_tensor",
        "torch._utils._rebuild_sparse_csr_tensor",
        "torch._utils._rebuild_meta_tensor_no_storage",
        "torch._utils._rebuild_nested_tensor",
        "torch._utils._rebuild_wrapper_subclass",
        "torch._utils._rebuild_device_tensor_from_numpy",
        "torch._utils._rebuild_device_tensor_from_cpu_tensor",
        "torch._utils._rebuild_xla_tensor",
        "torch._tensor._rebuild_from_type",
        "torch._tensor._rebuild_from_type_v2",
        # a nested tensor of the jagged layout; allowed there once torch.nested is imported
        "torch._dynamo.decorators._DimRange",
        "torch.nested._internal.nested_tensor.NestedTensor",
        "torch.nested._internal.nested_tensor._rebuild_njt",
        "torch.nn.parameter.Parameter",
        "torch.nn.parameter.Buffer",
        "torch.autograd.variable.Variable",
        "torch.serialization._get_layout",
        "torch.Size",
        "torch.Tensor",
        "torch._tensor.Tensor",
        "torch.device",
        "torch.per_tensor_affine",
        "torch.per_tensor_symmetric",
        "torch.per_channel_affine",
        "torch.per_channel_symmetric",
        "torch.per_channel_affine_float_qparams",
        "torch.storage.TypedStorage",
        "torch.storage.UntypedStorage",
        "torch.storage._TypedStorage",
        "torch.storage._UntypedStorage",
        # opens a checkpoint inside the checkpoint, which is read here by the same rules
        "torch.storage._load_from_bytes",
        # TorchScript's own pickler
        "torch.jit._pickle.build_intlist",
        "torch.jit._pickle.build_doublelist",
        "torch.jit._pickle.build_boollist",
        "torch.jit._pickle.build_tensorlist",
        "torch.jit._pickle.restore_type_tag",
        # the index of a distributed checkpoint: records of names, sizes and places
        "torch.distributed.checkpoint.filesystem._StorageInfo",
        "torch.distributed.checkpoint.metadata.BytesStorageMetadata",
        "torch.distributed.checkpoint.metadata.ChunkStorageMetadata",
        "torch.distributed.checkpoint.metadata.Metadata",
        "torch.distributed.checkpoint.metadata.MetadataIndex",
        "torch.distributed.checkpoint.metadata.StorageMeta",
        "torch.distributed.checkpoint.metadata.TensorProperties",
        "torch.distributed.checkpoint.metadata.TensorStorageMetadata",
        "torch.distributed.checkpoint.metadata._MEM_FORMAT_ENCODING",
        # values without behaviour
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.complex",
        "builtins.dict",
        "builtins.float",
        "builtins.frozenset",
        "builtins.int",
        "builtins.list",
        "builtins.object",
        "builtins.bool",
        "builtins.range",
        "builtins.set",
        "builtins.slice",
        "builtins.str",
        "builtins.tuple",
        "builtins.unicode",
        "builtins.xrange",
        "builtins.long",
        "argparse.Namespace",
        "collections.Counter",
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.deque",
        "copyreg.__newobj__",
        "copyreg._reconstructor",
        "_codecs.encode",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "decimal.Decimal",
        "fractions.Fraction",
        "types.SimpleNamespace",
        *(f"pathlib._local.{name}" for name in ("Path", "PosixPath", "PurePath", "PurePosixPath")),
        "pathlib.Path",
        "pathlib.PosixPath",
        "pathlib.PurePath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib.WindowsPath",
        "uuid.UUID",
        # numpy's scalars and arrays
        "numpy.dtype",
        "numpy.ndarray",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar",
        "numpy.core.numeric._frombuffer",
        "numpy._core.numeric._frombuffer",
    }
)
"""Names that make values and nothing else."""


def judge_globals(named: Iterable[Global], *, torchscript: bool) -> Iterator[Finding]:
    """Yield a finding for each name that isn't known to be harmless, sorted.

    Args:
        named: What the pickles name.
        torchscript: Whether ``__torch__`` types may be defined in the archive's own code.
    """
    verdicts = {printable(g.path): _verdict(g) for g in named if not (torchscript and _is_compiled(g))}
    for path in sorted(verdicts):
        yield from _findings(verdicts[path], path)


def _findings(verdict: Verdict, path: str) -> Iterator[Finding]:
    match verdict:
        case "known":
            return
        case "unknown":
            yield Finding(code="global-unknown", severity="warning", where=path)
        case "computed":
            yield Finding(code="global-computed", severity="error", where=path)
        case "extension":
            yield Finding(code="global-extension", severity="error", where=path)
        case _:
            yield _harm_finding(verdict, path)


def _harm_finding(harm: Harm, path: str) -> Finding:
    match harm:
        case "runs-code":
            return Finding(code="global-runs-code", severity="error", where=path)
        case "loads-code":
            return Finding(code="global-loads-code", severity="error", where=path)
        case "files":
            return Finding(code="global-files", severity="error", where=path)
        case "network":
            return Finding(code="global-network", severity="error", where=path)
        case "gadget":
            return Finding(code="global-gadget", severity="error", where=path)
        case "process":
            return Finding(code="global-process", severity="error", where=path)
        case _:
            assert_never(harm)


def printable(text: str) -> str:
    """Return text that any encoder takes: lone surrogates become escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def find_harm(named: Global) -> Harm | None:
    """Return the worst that a name is known to be able to do; None when no harm is known."""
    path = canonical(named)
    if path in KNOWN:
        return None
    found = {_harm_of_path(path), *_harms_of_walk(named.name)}
    if not VENDORED_MODULES.isdisjoint(named.module.split(".")):
        found.add("loads-code")
    return next((harm for harm in HARMFUL_MODULES if harm in found), None)


def _verdict(named: Global) -> Verdict:
    if COMPUTED in {named.module, named.name}:
        return "computed"
    if named.module == EXTENSIONS:
        return "extension"
    harm = find_harm(named)
    if harm is not None:
        return harm
    path = canonical(named)
    return "known" if path in KNOWN or _is_torch_type(path) or _is_numpy_type(path) else "unknown"


def _harm_of_path(path: str) -> Harm | None:
    module, _, name = path.partition(".")
    if module == "builtins":
        # a dotted name walks from one object to the next
        return _first_of(HARMFUL_BUILTINS, *name.split(".")) or ("gadget" if "__" in name else None)
    listed = _first_of(HARMFUL_NAMES, path) or _first_of(HARMFUL_MODULES, module)
    return listed or next((harm for prefix, harm in HARMFUL_PREFIXES if path.startswith(prefix)), None)


def _first_of(listed: Mapping[Harm, frozenset[str]], *names: str) -> Harm | None:
    return next((harm for harm, members in listed.items() if not members.isdisjoint(names)), None)


def _harms_of_walk(name: str) -> Iterator[Harm]:
    """Yield what a name such as ``os.system`` reaches: from one object to the next, modules among them."""
    segments = name.split(".")
    for index, segment in enumerate(segments):
        bare = segment.strip("_")
        rest = segments[index + 1 :]
        if rest or bare in REACHED_MODULES:
            harm = _harm_of_path(".".join((bare, *rest)))
            yield from () if harm is None else (harm,)
        if segment.startswith("__"):
            yield "gadget"


def _is_torch_type(path: str) -> bool:
    module, _, name = path.rpartition(".")
    if module == "torch" and dtype_of(name) is not None:
        return True
    return module in {"torch", "torch.cuda"} and (name in STORAGE_DTYPES or name in TENSOR_CLASS_DTYPES)


def _is_numpy_type(path: str) -> bool:
    module, _, name = path.rpartition(".")
    if module == "numpy.dtypes":
        return name.endswith("DType")
    return module == "numpy" and (name in ITEMSIZE_BYTES or name in {"bool_", "str_", "bytes_", "longlong"})


def _is_compiled(named: Global) -> bool:
    return named.module == "__torch__" or named.module.startswith("__torch__.")
