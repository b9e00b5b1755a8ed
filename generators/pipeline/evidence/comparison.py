"""What only all entries of a lock together show: who shares what, how many were recognised, how many are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.architectures import ARCHITECTURES
from generators.model.evidence import Comparison, FirstLayerGroup, SubjectEvidence
from generators.model.lock import Lock
from generators.pipeline.evidence.subjects import NOTHING


def compare_subjects(subjects: Sequence[SubjectEvidence], lock: Lock) -> Comparison:
    """Return what only all subjects together show."""
    # a stand-in's architecture is nobody's publication: it is compared with none
    published = {architecture.id for architecture in ARCHITECTURES}
    controls = [s for s in subjects if s.role == "control" and s.variant in published]
    checkpoints = [s for s in subjects if s.role == "checkpoint"]
    groups = tuple(_first_layer_groups(controls))
    shared = [len(group.controls) for group in groups if group.controls]
    return Comparison(
        first_layers=groups,
        architectures_sharing_first_layer=max(len(group.architectures) for group in groups),
        controls_sharing_first_layer=max(shared, default=None),
        controls_identified=sum(_is_recognised(s) for s in controls),
        controls_total=len(controls),
        checkpoints_as_said=sum(_is_as_said(s) for s in checkpoints),
        checkpoints_missing=sum(not s.is_here for s in checkpoints),
        checkpoints_unpinned=sum(entry.pin.sha256 is None for entry in lock.checkpoints),
        checkpoints_total=len(checkpoints),
    )


def _is_recognised(control: SubjectEvidence) -> bool:
    """Whether a control came through the road as what it was built from, whole and unharmed."""
    found = control.identification
    if "live" not in control.kinds or control.fingerprint is None:
        return False  # what was recorded of a control tests nothing in this build
    if any(f.severity != "note" for f in control.fingerprint.findings):
        return False
    ran = control.evaluation is not None and control.evaluation.all_finite is not False
    return ran and (found.status, found.basis, found.architecture) == ("EXACT", "tensors", control.variant)


def _is_as_said(subject: SubjectEvidence) -> bool:
    found = subject.identification
    if subject.lock_match == "contradicted":
        # what lies in its place tells nothing of it; its listed size still does
        found = subject.size.identification if subject.size and subject.size.basis == "listed" else NOTHING
    if found.architecture != subject.variant:
        return False
    # where tensors were compared, PARTIAL means that some differ; of a count or a size there is nothing better
    return found.status == "EXACT" or found.basis in {"elements", "size"}


def _first_layer_groups(controls: Sequence[SubjectEvidence]) -> Iterator[FirstLayerGroup]:
    """Group the claimed family's architectures, and the controls as they were read, by their first layer."""
    family = [a for a in ARCHITECTURES if a.family == "convnextpose"]
    first = family[0].tensors[0].name
    read = {
        control.id: next((t.shape for t in control.fingerprint.model_tensors if t.model_name == first), None)
        for control in controls
        if control.fingerprint is not None
    }
    shapes = dict.fromkeys([*(a.tensors[0].shape for a in family), *(shape for shape in read.values() if shape)])
    for shape in shapes:
        yield FirstLayerGroup(
            shape=shape,
            architectures=tuple(a.id for a in family if a.tensors[0].shape == shape),
            controls=tuple(control for control, found in read.items() if found == shape),
        )
