"""All that one report knows of its subjects: what pages show and claims are judged on."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.accuracy import Accuracy
from generators.model.claim import Claim, EvidenceKind, Tally, Value, Verdict
from generators.model.conditions import Conditions
from generators.model.evaluation import Evaluation, MacCount
from generators.model.finding import Finding
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification, Setting
from generators.model.lineage import Lineage
from generators.model.listed import ListedPlace
from generators.model.metric import Figure, Protocol
from generators.model.operations import Operations
from generators.model.sanity import SanityEvaluation
from generators.model.training import TrainingEvidence


class SourceRecord(Struct, frozen=True, kw_only=True):
    """A source that the report consulted.

    Attributes:
        key: Short name, for example ``UP``; the description is the catalog message ``source`` / ``key``.
        title: Name of the thing, as its publisher spells it.
        address: Where it is.
        pinned: Commit, document number or date that fixes what was read.
        licence: As far as it says; empty when it doesn't.
    """

    key: str
    title: str
    address: str
    pinned: str
    licence: str


class ReportedFact(Struct, frozen=True, kw_only=True):
    """Something a third party saw and wrote down.

    Attributes:
        id: Unique in the report.
        subject: Lock id or architecture id.
        quantity: ``listed``, ``size-mib``, ``file-date``, ``container``, ``keys``, ``head-naming``, ``elements``,
            ``records``, ``root``, ``tensor-shape``, ``named-by`` or ``open-access``.
        value: What they saw.
        source: Key of the source.
        locator: Where in the source.
        date: Of the observation, ISO 8601; empty when unknown.
    """

    id: str
    subject: str
    quantity: str
    value: Value
    source: str
    locator: str
    date: str


class Report(Struct, frozen=True, kw_only=True):
    """A report file of ``docs/reports/``, checked.

    Attributes:
        id: Stem of the file.
        sources: Who says something.
        protocols: How error figures are measured.
        figures: What was published.
        reported: What third parties saw of a file.
        claims: What is judged, in the order of the report.
        hypotheses: Theories that would explain what was claimed.
        steps: What should be done, each under a condition.
    """

    id: str
    sources: tuple[SourceRecord, ...]
    protocols: tuple[Protocol, ...]
    figures: tuple[Figure, ...]
    reported: tuple[ReportedFact, ...]
    claims: tuple[Claim, ...]
    hypotheses: tuple[Claim, ...]
    steps: tuple[Claim, ...]


class ArchitectureFacts(Struct, frozen=True, kw_only=True):
    """What follows from an architecture's definition alone.

    Attributes:
        id: Architecture id.
        title: For readers.
        family: Family id.
        parameters: Elements of the trained tensors.
        buffers: Elements of the others.
        elements: Of the state dict.
        tensors: Number of tensors.
        first_layer: Shape of the first convolution's weight.
        settings: The configuration.
        macs: Convolution multiply-accumulates at 256x256, in closed form, by number of upsampling blocks.
        published_upsampling: The published number of upsampling blocks; 0 for networks without that choice.
        predicted_bytes: File size in the architecture's training layout.
        layout_digest: Of the published names.
        sources: Keys of sources with locators.
    """

    id: str
    title: str
    family: str
    parameters: int
    buffers: int
    elements: int
    tensors: int
    first_layer: tuple[int, ...]
    settings: tuple[Setting, ...]
    macs: tuple[MacCount, ...]
    published_upsampling: int
    predicted_bytes: int
    layout_digest: str
    sources: tuple[str, ...]


class SizeForensics(Struct, frozen=True, kw_only=True):
    """A file size held against the size that each architecture predicts.

    Attributes:
        basis: ``file`` (exact, from the file here) or ``listed`` (a range, from a listing).
        minimum_bytes: Smallest size that the observation allows.
        maximum_bytes: Largest.
        identification: Candidates by size only, with ``predicted_bytes``, nearest first.
    """

    basis: Literal["file", "listed"]
    minimum_bytes: int
    maximum_bytes: int
    identification: Identification


class Provenance(Struct, frozen=True, kw_only=True):
    """Where a subject is from.

    Attributes:
        addresses: Sources of the lock, in order of preference, as addresses a person can open.
        licence: Of the weights; empty when unknown.
        recipe: Architecture id of a control's recipe; empty for checkpoints.
        seed: Of a control; None for checkpoints.
        training: What a control was trained on; empty for checkpoints and for controls with random weights.
        origin: How the file came here; empty when it isn't here.
        searched: Folders that were looked in when it isn't here.
        recorded_at: Date of recorded evidence; empty otherwise.
        conditions: What recorded evidence was made by; None otherwise.
    """

    addresses: tuple[str, ...] = ()
    licence: str = ""
    recipe: str = ""
    seed: int | None = None
    training: str = ""
    origin: str = ""
    searched: tuple[str, ...] = ()
    recorded_at: str = ""
    conditions: Conditions | None = None


LockMatch = Literal["unnamed", "contradicted", "size", "digest"]
"""How far a file is the one that the lock names."""


class SubjectEvidence(Struct, frozen=True, kw_only=True):
    """All that is known of one entry of the lock.

    Attributes:
        id: Lock id.
        role: ``checkpoint`` or ``control``. A control is a stand-in that Assay builds; say so wherever it is shown.
        title: File name as published, or the control's id.
        variant: Architecture that the publisher (or the recipe) says it is.
        kinds: Kinds of evidence that ``identification`` rests on, strongest first; may be empty.
        sources: Keys of the sources of what is only reported.
        available: Whether the file is here.
        unavailable_reason: Code, when it isn't.
        lock_match: Whether the file, here or recorded, is the one that the lock names: ``unnamed`` (there is no file,
            or the lock names neither size nor digest), ``contradicted`` (another size or digest, or a control's
            weights), ``size`` (the size fits, which proves nothing when it is rounded), ``digest``.
        fingerprint: None when the file was never read.
        identification: From the best evidence at hand.
        size: None when no size is known.
        evaluation: None when no file was ever read.
        findings: Of the entry (the file isn't the listed one, it couldn't be opened); ``fingerprint`` has those of the
            bytes.
        reported: What third parties saw of it.
        provenance: Where it is from.
        accuracy: Error figures that were measured on a data set, or why there are none.
        training: What weights alone tell of its training; None when no file was ever read, or it has no model.
        sanity: Whether it behaves as a trained network; None when no file was ever read.
    """

    id: str
    role: Literal["checkpoint", "control"]
    title: str
    variant: str
    kinds: tuple[EvidenceKind, ...]
    sources: tuple[str, ...]
    available: bool
    unavailable_reason: str
    lock_match: LockMatch
    fingerprint: Fingerprint | None
    identification: Identification
    size: SizeForensics | None
    evaluation: Evaluation | None
    findings: tuple[Finding, ...]
    reported: tuple[ReportedFact, ...]
    provenance: Provenance
    accuracy: Accuracy | None = None
    training: TrainingEvidence | None = None
    sanity: SanityEvaluation | None = None

    @property
    def sha256(self) -> str:
        """Of the file that was read, now or earlier; empty where none was."""
        return self.fingerprint.file.sha256 if self.fingerprint else ""

    @property
    def is_here(self) -> bool:
        """Whether the entry's own file is here: another file in its place doesn't count."""
        return self.available and self.lock_match != "contradicted"


class FirstLayerGroup(Struct, frozen=True, kw_only=True):
    """Architectures and controls that share the first layer's shape.

    Attributes:
        shape: Of the first layer's weight: channels out, channels in, height, width.
        architectures: Ids of those of the claimed family that have it, by their definitions.
        controls: Ids of those that have it, as they were read.
    """

    shape: tuple[int, ...]
    architectures: tuple[str, ...]
    controls: tuple[str, ...]


class Comparison(Struct, frozen=True, kw_only=True):
    """What only all subjects together show.

    Attributes:
        first_layers: Groups of the claimed family, by the first layer's shape.
        architectures_sharing_first_layer: Size of the largest group of architectures.
        controls_sharing_first_layer: Number of controls of the largest group, as they were read; None when none was.
        controls_identified: Controls that were read whole, without a warning, identified by all tensors as their
            recipe, and gave finite values where they were run.
        controls_total: All controls of the lock that are built from a published architecture.
        checkpoints_as_said: Checkpoints that fit, by whatever evidence is at hand, what their publisher says: every
            tensor, or the element count or size where only that is known. A file that isn't the lock's doesn't count.
        checkpoints_missing: Checkpoints of the lock whose file isn't here.
        checkpoints_unpinned: Checkpoints of the lock without a sha256.
        checkpoints_total: All checkpoints of the lock.
    """

    first_layers: tuple[FirstLayerGroup, ...]
    architectures_sharing_first_layer: int
    controls_sharing_first_layer: int | None
    controls_identified: int
    controls_total: int
    checkpoints_as_said: int
    checkpoints_missing: int
    checkpoints_unpinned: int
    checkpoints_total: int


class Build(Struct, frozen=True, kw_only=True):
    """When, from what and on what the report was built.

    Attributes:
        date: Date and time in UTC, ISO 8601; from ``SOURCE_DATE_EPOCH`` where that is set.
        version: Of Assay.
        code_digest: Digest of Assay's own source, first 12 hexadecimal digits.
        lock_sha256: Digest of the lock file.
        python: Version of Python.
        platform: Operating system and machine.
        rebuild: Command that builds the report again, in its project; empty in evidence from before it was told.
    """

    date: str
    version: str
    code_digest: str
    lock_sha256: str
    python: str
    platform: str
    rebuild: str = ""


class ReportEvidence(Struct, frozen=True, kw_only=True):
    """Everything behind one report.

    Attributes:
        schema_version: Of this JSON.
        build: When, on what, and from which code and lock it was made.
        report: The report file, checked.
        subjects: Entries of the lock, in its order: controls and checkpoints.
        architectures: What follows from each published definition alone.
        comparison: What is counted over all subjects.
        tally: How many claims ended in each verdict.
        verdicts: Of the claims, in the order of the report.
        hypotheses: Of the theories that would explain what was claimed, judged as claims are.
        steps: Of the conditions under which something should be done, judged as claims are.
        operations: What networks cost by each counting rule; None in evidence from before it was collected.
        lineage: Kinship of all files; None likewise.
        listings: What places elsewhere listed over time: reported evidence.
    """

    schema_version: int
    build: Build
    report: Report
    subjects: tuple[SubjectEvidence, ...]
    architectures: tuple[ArchitectureFacts, ...]
    comparison: Comparison
    tally: Tally
    verdicts: tuple[Verdict, ...]
    hypotheses: tuple[Verdict, ...]
    steps: tuple[Verdict, ...]
    operations: Operations | None = None
    lineage: Lineage | None = None
    listings: tuple[ListedPlace, ...] = ()
