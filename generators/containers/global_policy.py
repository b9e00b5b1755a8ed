"""Which names in a pickle are known to be harmless, and which are known to do harm.

Nothing here is imported or called; the lists only decide what a reader is
warned of. A name on neither list is unknown, and unknown isn't safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generators.containers.dtypes import ITEMSIZE_BYTES, STORAGE_DTYPES, TENSOR_CLASS_DTYPES, dtype_of
from generators.containers.pickle_calls import canonical
from generators.containers.values import Global
from generators.model.finding import Finding

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

DANGEROUS_MODULES = frozenset(
    {
        *("os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "_posixsubprocess", "commands", "popen2"),
        *("importlib", "imp", "runpy", "zipimport", "pkgutil", "code", "codeop", "inspect"),
        *("operator", "_operator", "socket", "_socket", "ssl", "shutil", "tempfile", "glob", "fileinput"),
        *("pty", "ctypes", "_ctypes", "cffi", "mmap", "signal", "threading", "_thread", "multiprocessing", "asyncio"),
        *("concurrent", "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"),
        *("pdb", "bdb", "cProfile", "profile", "trace", "timeit", "doctest", "pydoc", "webbrowser", "antigravity"),
        *("urllib", "urllib2", "http", "httplib", "ftplib", "smtplib", "telnetlib", "requests", "xmlrpc"),
        *("pip", "ensurepip", "venv", "setuptools", "distutils", "site", "idlelib", "lib2to3", "platform", "gc"),
    }
)
"""Modules, with all below them, whose names run, load, send or delete something."""

DANGEROUS_BUILTINS = frozenset(
    {
        *("eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "breakpoint", "__import__"),
        *("getattr", "setattr", "delattr", "hasattr", "globals", "locals", "vars", "apply", "map", "filter", "reduce"),
        *("reload", "memoryview", "type", "super", "classmethod", "staticmethod", "property", "help", "exit", "quit"),
    }
)

DANGEROUS_NAMES = frozenset(
    {
        "torch.load",
        "torch.save",
        "torch.serialization.load",
        "torch.serialization.save",
        "torch.compile",
        "numpy.load",
        "numpy.save",
        "numpy.fromfile",
        "numpy.lib.npyio.load",
        "numpy.testing._private.utils.runstring",
        "pandas.eval",
        "pandas.read_pickle",
        "io.open",
        "io.open_code",
        "io.FileIO",
        "_io.open",
        "_io.open_code",
        "_io.FileIO",
        "codecs.open",
        "types.CodeType",
        "types.FunctionType",
        "types.LambdaType",
        "functools.reduce",
        "functools.partial",
        "logging.config.listen",
    }
)

DANGEROUS_PREFIXES = (
    "torch.hub.",
    "torch.jit.load",
    "torch.jit._script",
    "torch.ops.",
    "torch.classes.",
    "torch.package.",
    "torch.multiprocessing.",
    "torch.distributed.rpc.",
    "torch.utils.cpp_extension.",
    "torch.utils.collect_env.",
    "torch.utils.model_zoo.",
    "torch._inductor.",
    "torch._dynamo.",
    "numpy.f2py.",
    "numpy.distutils.",
)


def judge_globals(named: Iterable[Global], *, torchscript: bool) -> Iterator[Finding]:
    """Yield a finding for each name that isn't known to be harmless, sorted.

    Args:
        named: What the pickles name.
        torchscript: Whether ``__torch__`` types may be defined in the archive's own code.
    """
    verdicts = {printable(g.path): _verdict(g) for g in named if not (torchscript and _is_compiled(g))}
    for path in sorted(verdicts):
        match verdicts[path]:
            case "dangerous":
                yield Finding(code="global-dangerous", severity="error", where=path)
            case "unknown":
                yield Finding(code="global-unknown", severity="warning", where=path)


def printable(text: str) -> str:
    """Return text that any encoder takes: lone surrogates become escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _verdict(named: Global) -> str:
    path = canonical(named)
    if _is_dangerous(path) or (path not in KNOWN and _walks_to_danger(named.name)):
        return "dangerous"
    return "known" if path in KNOWN or _is_torch_type(path) or _is_numpy_type(path) else "unknown"


def _is_dangerous(path: str) -> bool:
    segments = path.split(".")
    if segments[0] == "builtins":
        # every segment: a dotted name walks from one object to the next
        return not DANGEROUS_BUILTINS.isdisjoint(segments[1:]) or any(s.startswith("__") for s in segments[1:])
    return segments[0] in DANGEROUS_MODULES or path in DANGEROUS_NAMES or path.startswith(DANGEROUS_PREFIXES)


def _walks_to_danger(name: str) -> bool:
    """Say whether a name such as ``os.system`` leads from a harmless module to a harmful one."""
    return any(s in DANGEROUS_MODULES or s in {"builtins", "__builtins__", "__globals__"} for s in name.split("."))


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
