"""Which tensors' bytes are measured, where they lie, and what they gave."""

from __future__ import annotations

from generators.fingerprint.amplification import ReadingPlan, View, view_of
from generators.fingerprint.blocks import lies_contiguous, read_tensor_blocks
from generators.fingerprint.compose import AMPLIFIED, MISSING, Measure
from generators.fingerprint.meter import TensorMeter
from generators.fingerprint.moments import quiet_arithmetic
from generators.model.checkpoint import Container, FileReader
from generators.model.tensor import TensorEntry


class TensorMeasures:
    """The measures of a container's tensors; the same view under two names (tied weights) is read once.

    Args:
        container: The index.
        reader: Access to the bytes.
        with_statistics: Whether statistics are wanted of more than lone values (counters), which always have them.

    Attributes:
        runs: Tensors whose bytes lie in the file as they are: to be fed while the file is read.
        elsewhere: The others that can be read.
    """

    def __init__(self, container: Container, reader: FileReader, *, with_statistics: bool) -> None:
        self.runs: list[TensorMeter] = []
        self.elsewhere: list[tuple[TensorEntry, TensorMeter]] = []
        self._measures: dict[View, Measure | TensorMeter] = {}
        self._container = container
        self._reader = reader
        plan = ReadingPlan(container)
        for tensor in container.tensors:
            view = view_of(tensor)
            if view in self._measures:
                continue
            match plan.judge(tensor):
                case "missing":
                    self._measures[view] = MISSING
                case "amplified":
                    self._measures[view] = AMPLIFIED
                case "read":
                    self._measures[view] = self._place(tensor, measured=with_statistics or tensor.count == 1)

    def read_elsewhere(self) -> None:
        """Read the tensors that are strided, compressed or of foreign byte order.

        Raises:
            OSError: The file can't be read.
        """
        with quiet_arithmetic():
            for tensor, meter in self.elsewhere:
                for block in read_tensor_blocks(tensor, self._container.byteorder, self._reader):
                    meter.add(block)

    def find(self, tensor: TensorEntry) -> Measure:
        """Return a tensor's measure, once everything is read."""
        view = view_of(tensor)
        measure = self._measures[view]
        if isinstance(measure, TensorMeter):
            measure = self._measures[view] = measure.result()
        return measure

    def _place(self, tensor: TensorEntry, *, measured: bool) -> TensorMeter:
        start = None
        if lies_contiguous(tensor, self._container.byteorder):
            start = self._reader.locate_storage(tensor.storage)
        if start is None:
            meter = TensorMeter(tensor, measured=measured)
            self.elsewhere.append((tensor, meter))
        else:
            meter = TensorMeter(tensor, start + tensor.offset * tensor.itemsize, measured=measured)
            self.runs.append(meter)
        return meter
