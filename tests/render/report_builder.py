"""A small report with one of everything that pages show. Figures of architectures are the real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from generators.architectures import ARCHITECTURES
from generators.architectures.skeleton import JOINTS
from generators.model.accuracy import Accuracy, FigureComparison
from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration
from generators.model.checkpoint import ObjectEntry
from generators.model.claim import Check, CheckResult, Claim, EvidenceKind, Outcome, Tally, Value, Verdict
from generators.model.evaluation import Device, Evaluation, MacCount
from generators.model.evidence import (
    ArchitectureFacts,
    Build,
    Comparison,
    FirstLayerGroup,
    Provenance,
    Report,
    ReportedFact,
    ReportEvidence,
    SizeForensics,
    SourceRecord,
    SubjectEvidence,
)
from generators.model.finding import Finding
from generators.model.fingerprint import (
    ContainerFacts,
    FileFacts,
    Fingerprint,
    Odometer,
    Statistics,
    TensorFingerprint,
    TensorRole,
)
from generators.model.identification import Candidate, Identification, Setting
from generators.model.layout import CheckpointLayout, LayoutPart, OptimizerState
from generators.model.lineage import Lineage, PairEvidence
from generators.model.listed import ListedEvent, ListedEventKind, ListedHistory, ListedPlace
from generators.model.metric import Figure, Protocol
from generators.model.numerics import Numerics, NumericsComparison
from generators.model.operations import OperationCount, Operations, PaperReading, ParameterCount
from generators.model.sanity import (
    Answer,
    Criterion,
    CriterionName,
    JointEntropy,
    Measure,
    MeasureName,
    Missing,
    ProbeResult,
    SanityEvaluation,
    SeedValue,
    ShownProbe,
    Skeleton,
    TwinKind,
    TwinValues,
    Unit,
)
from generators.model.speed import BatchSpeed, Ceiling, Speed
from generators.model.training import (
    CounterEvidence,
    DeadChannels,
    Initialiser,
    LayerEvidence,
    MomentsEvidence,
    NormalisationEvidence,
    PartStructure,
    Spectrum,
    TrainingEvidence,
    TrainingRule,
    TrainingSetMatch,
    TrainingSummary,
)
from generators.render.pages import render_charts, undated_pages, with_date

FAMILY = tuple(a for a in ARCHITECTURES if a.id in {"convnextpose-xs", "convnextpose-s", "convnextpose-m"})
XS, S, M = (a.id for a in FAMILY)


class MemoryCache:
    """A content cache that counts how often it had to make something."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.made = 0

    def get_or_make(self, key: str, make: Callable[[], bytes]) -> bytes:
        if key not in self.kept:
            self.made += 1
            self.kept[key] = make()
        return self.kept[key]


def whole_site(report: ReportEvidence, cache: MemoryCache) -> dict[str, bytes]:
    """Return every generated page and chart in English, by path."""
    pages = undated_pages(report, "en", cache)
    return {path: with_date(content, report, "en") for path, content in pages} | dict(render_charts(report, cache))


def build_report() -> ReportEvidence:
    return ReportEvidence(
        schema_version=1,
        build=Build(
            date="2026-11-22T18:30:00+00:00",
            version="0.1.0",
            code_digest="0123456789ab",
            lock_sha256="ab" * 32,
            python="3.11.9",
            platform="Linux x86_64",
            rebuild="python3 run.py build",
        ),
        report=_report(),
        subjects=(absent_checkpoint(), damaged_checkpoint(), control("control-xs", XS), control("control-s", S)),
        architectures=tuple(_facts(a) for a in FAMILY),
        comparison=Comparison(
            first_layers=(
                FirstLayerGroup(shape=(40, 3, 4, 4), architectures=(XS,), controls=("control-xs",)),
                FirstLayerGroup(shape=(48, 3, 4, 4), architectures=(S, M), controls=("control-s",)),
            ),
            architectures_sharing_first_layer=2,
            controls_sharing_first_layer=1,
            controls_identified=2,
            controls_total=2,
            checkpoints_as_said=1,
            checkpoints_missing=1,
            checkpoints_unpinned=2,
            checkpoints_total=2,
        ),
        tally=Tally(supported=1, refuted=2, cannot_tell=1, untested=1),
        verdicts=_verdicts(),
        hypotheses=(_verdict("misnamed", 3, _file_check("s-is-xs"), "untested", "no-file", None, ()),),
        steps=(
            _verdict("fetch-official-files", 1, _missing_check(), "supported", "holds", 1, ("live",), locator=""),
            _verdict(
                "contact-authors", 6, _listed_check("m-not-listed"), "refuted", "contradicted", True, ("reported",)
            ),
        ),
        operations=_operations(),
        lineage=lineage(),
        listings=listings(),
    )


def listings() -> tuple[ListedPlace, ...]:
    """Return what a folder listed: a file that changed and is gone, one that came back, one that stays."""
    first = _listed("listed", "2026-09-01T08:00:00Z", 1000)
    changed = _listed("changed", "2026-10-01T08:00:00Z", 1200, digest="md5:00ff", address="other-id")
    gone = _listed("gone", "2026-11-01T08:00:00Z", 1200, digest="md5:00ff", address="other-id")
    back = (_listed("gone", "2026-10-01T08:00:00Z", 1000), _listed("back", "2026-11-01T08:00:00Z", None))
    last = "2026-11-20T08:00:00Z"
    files = (
        _history("L.tar", "gone", changed.date, first, changed, gone, entries=(absent_checkpoint().id,)),
        _history("M.tar", "back", last, first, *back),
        _history("notes <b>.txt", "listed", last, first),
    )
    return (ListedPlace(id="gdrive-folder", kind="gdrive", source="folder", looked_at=last, files=files),)


def _listed(
    kind: ListedEventKind, date: str, size: int | None, *, digest: str = "", address: str = "id"
) -> ListedEvent:
    return ListedEvent(kind=kind, date=date, size_bytes=size, digest=digest, address=address)


def _history(
    name: str, state: ListedEventKind, seen_at: str, *events: ListedEvent, entries: tuple[str, ...] = ()
) -> ListedHistory:
    return ListedHistory(name=name, entries=entries, state=state, seen_at=seen_at, events=events)


def _report() -> Report:
    return Report(
        id="convnextpose",
        sources=(
            SourceRecord(
                key="UP",
                title="medialab-ku/ConvNeXtPose",
                address="https://github.com/medialab-ku/ConvNeXtPose",
                pinned="08352ee",
                licence="MIT",
            ),
            SourceRecord(
                key="DRIVE", title="Drive", address="https://drive.google.com/x", pinned="2025-10-14", licence=""
            ),
            SourceRecord(key="SEED", title="Reporte", address="reporte.md", pinned="2025", licence=""),
            SourceRecord(key="PAPER", title="IEEE", address="https://ieeexplore.ieee.org", pinned="1", licence=""),
        ),
        protocols=(
            Protocol(
                id="h36m-p2-mpjpe",
                metric="MPJPE",
                dataset="Human3.6M",
                subjects="S9, S11",
                alignment="root",
                frame_step=64,
                flip_test=True,
                boxes="ground-truth",
                average="frames",
                assumed=("boxes", "average"),
                locator="UP 08352ee main/config.py",
            ),
        ),
        figures=(
            _figure("m-mpjpe", "mpjpe", 51.05, "mm", "h36m-p2-mpjpe"),
            _figure("m-macs", "macs", 2.82, "G", ""),
            _figure("m-parameters", "parameters", 7.59, "M", ""),
        ),
        reported=_reported(),
        claims=(),
        hypotheses=(),
        steps=(),
    )


def _figure(figure_id: str, quantity: str, value: float, unit: str, protocol: str) -> Figure:
    return Figure(
        id=figure_id,
        architecture=M,
        quantity=quantity,
        value=value,
        unit=unit,
        protocol=protocol,
        source="PAPER",
        locator="table 5",
        second_hand=quantity == "mpjpe",
    )


def _reported() -> tuple[ReportedFact, ...]:
    listed = ReportedFact(
        id="listed-m", subject=M, quantity="listed", value=True, source="DRIVE", locator="listing", date="2025-10-14"
    )
    elements = ReportedFact(
        id="elements-m", subject=M, quantity="elements", value=7596986, source="UP", locator="log", date=""
    )
    return listed, elements


def _facts(architecture: Architecture) -> ArchitectureFacts:
    configuration = architecture.configuration
    assert isinstance(configuration, ConvNeXtPoseConfiguration)
    return ArchitectureFacts(
        id=architecture.id,
        title=architecture.title,
        family=architecture.family,
        parameters=architecture.parameters,
        buffers=architecture.buffers,
        elements=architecture.elements,
        tensors=len(architecture.tensors),
        first_layer=architecture.tensors[0].shape,
        settings=_settings(architecture, joints=configuration.joints),
        macs=(MacCount(upsampling_blocks=2, conv_macs=815 * 10**6), MacCount(upsampling_blocks=3, conv_macs=10**9)),
        published_upsampling=configuration.upsampling_blocks,
        predicted_bytes=architecture.parameters * 12 + 50_000,
        layout_digest="cd" * 32,
        sources=architecture.sources,
    )


def _settings(architecture: Architecture, joints: int | None) -> tuple[Setting, ...]:
    configuration = architecture.configuration
    assert isinstance(configuration, ConvNeXtPoseConfiguration)
    return (
        Setting(name="depths", value=configuration.depths),
        Setting(name="dims", value=configuration.dims),
        Setting(name="joints", value=joints),
    )


def tensor(name: str, shape: tuple[int, ...], role: TensorRole = "parameter", **changes: object) -> TensorFingerprint:
    fields: dict[str, object] = {
        "name": f"network.module.{name}" if role != "optimizer" else name,
        "model_name": name if role != "optimizer" else "",
        "dtype": "float32",
        "shape": shape,
        "strides": (1,) * len(shape),
        "storage": "0",
        "offset": 0,
        "role": role,
        "digest": "ef" * 32,
        "missing": False,
        "statistics": Statistics(count=4, nonfinite=0, zeros=1, minimum=-0.5, maximum=1.25, mean=2.5e-5, std=0.75),
    }
    return TensorFingerprint(**(fields | changes))  # type: ignore[arg-type]


def fingerprint(architecture: Architecture, *, damaged: bool) -> Fingerprint:
    first = architecture.tensors[0]
    return Fingerprint(
        file=FileFacts(name="weights.tar", size_bytes=42_550_000, sha256="12" * 32),
        container=ContainerFacts(format="torch-zip", root="snapshot_68.pth", byteorder="little", records=5),
        model_prefix="network.module.",
        weights_digest=None if damaged else "34" * 32,
        layout_digest="56" * 32,
        parameters=architecture.parameters,
        buffers=architecture.buffers,
        tensors=(
            tensor(first.name, first.shape, digest=None, missing=True, statistics=None)
            if damaged
            else tensor(first.name, first.shape),
            tensor("backbone.norm.weight", (320,)),
            tensor("backbone.norm.running_var", (320,), "buffer"),
            tensor("backbone.norm.num_batches_tracked", (), "buffer", dtype="int64"),
            tensor("optimizer.state.0.exp_avg", (320,), "optimizer"),
        ),
        objects=(
            ObjectEntry(path="epoch", type="int", text="68", number=68),
            ObjectEntry(path="note", type="str", text="hello"),
        ),
        globals=("collections.OrderedDict", "torch.FloatStorage"),
        odometer=Odometer(
            epoch=68, optimizer_steps=(1346328,), batches_tracked=(1346328,), iterations_per_epoch=19512, agree=True
        ),
        findings=(Finding(code="findings-cut", severity="note", expected="200", found="585"),) if damaged else (),
        layout=layout(),
    )


def layout() -> CheckpointLayout:
    return CheckpointLayout(
        name="3dmppe",
        source="mks0601/3DMPPE_POSENET_RELEASE dd025c5, main/train.py",
        model_key="network",
        parts=(
            LayoutPart(key="ema", kind="average", tensors=4, matched=4, equal=1),
            LayoutPart(key="criterion", kind="part", tensors=2, matched=0, equal=None),
        ),
        optimizers=(OptimizerState(key="optimizer", algorithms=("Adam", "AdamW"), state_keys=("exp_avg",), tensors=1),),
        tied=(("embed.weight", "head.weight"),),
        tied_groups=1,
        zero_stage=2,
        open_questions=("optimizer",),
    )


def _candidates(best: str) -> tuple[Candidate, ...]:
    others = [a.id for a in FAMILY if a.id != best]
    return (
        Candidate(architecture=best, score=1.0, shape_score=1.0),
        *(
            Candidate(
                architecture=other,
                score=0.31,
                shape_score=0.4,
                missing=("backbone.stages.0.2.dwconv.weight",),
                reshaped=("backbone.norm.weight",),
            )
            for other in others
        ),
    )


def _size(basis_exact: bool, architecture: Architecture) -> SizeForensics:
    predicted = architecture.parameters * 12 + 50_000
    return SizeForensics(
        basis="file" if basis_exact else "listed",
        minimum_bytes=predicted if basis_exact else predicted - 5243,
        maximum_bytes=predicted if basis_exact else predicted + 5242,
        identification=Identification(
            status="PARTIAL",
            architecture=architecture.id,
            basis="size",
            candidates=tuple(
                Candidate(
                    architecture=a.id,
                    score=1.0 if a.id == architecture.id else 0.0,
                    predicted_bytes=a.parameters * 12 + 50_000,
                )
                for a in FAMILY
            ),
            configurations=("3-3-9-3 48-96-192-384",),
            fitting=1,
            searched=420,
        ),
    )


def absent_checkpoint() -> SubjectEvidence:
    return SubjectEvidence(
        id=M,
        role="checkpoint",
        title="ConvNeXtPose_M.tar",
        variant=M,
        kinds=("reported", "computed"),
        sources=("DRIVE",),
        available=False,
        unavailable_reason="not-fetched",
        lock_match="unnamed",
        fingerprint=None,
        identification=Identification(
            status="PARTIAL", architecture=M, basis="elements", candidates=(Candidate(architecture=M, score=1.0),)
        ),
        size=_size(False, FAMILY[2]),
        evaluation=None,
        findings=(),
        reported=_reported(),
        provenance=Provenance(
            addresses=("https://drive.google.com/file/d/1X_H/view",), licence="MIT", searched=("checkpoints/m/",)
        ),
        accuracy=Accuracy(
            status="untested",
            reason="no-file",
            comparisons=(
                FigureComparison(
                    figure=_figure("m-mpjpe", "mpjpe", 51.05, "mm", "h36m-p2-mpjpe"),
                    measured_mm=None,
                    measured_as="",
                    tolerance_mm=0.35,
                    outcome="untested",
                    reason="not-measured",
                ),
            ),
        ),
    )


def damaged_checkpoint() -> SubjectEvidence:
    return SubjectEvidence(
        id=XS,
        role="checkpoint",
        title="ConvNeXtPose_XS.tar",
        variant=XS,
        kinds=("live",),
        sources=(),
        available=True,
        unavailable_reason="",
        lock_match="size",
        fingerprint=fingerprint(FAMILY[0], damaged=True),
        identification=Identification(
            status="EXACT",
            architecture=XS,
            basis="index",
            candidates=_candidates(XS),
            settings=_settings(FAMILY[0], joints=None),
            dtypes=("float32",),
        ),
        size=_size(True, FAMILY[0]),
        evaluation=Evaluation(status="not-run", reason="weights-incomplete", detail="11 tensors"),
        findings=(),
        reported=(),
        provenance=Provenance(addresses=(), licence="", origin="project"),
        training=training(),
    )


def training() -> TrainingEvidence:
    """A trained file whose every part of the evidence has something to show."""
    spectrum = Spectrum(
        rows=80,
        columns=160,
        edge_ratio=2.79,
        shuffled_ratio=1.93,
        beyond_edge=0.05,
        stable_rank_share=0.035,
        effective_rank_share=0.066,
        structured=True,
    )
    drawn = Initialiser(kind="truncated-normal", std=0.02, cut=2.0, source="UP main/model.py")
    weight = LayerEvidence(
        name="backbone.norm.weight",
        shape=(80, 160),
        elements=12800,
        initialiser=drawn,
        distance=0.34,
        chance_distance=0.017,
        std_ratio=1.74,
        spectrum=spectrum,
    )
    bias = LayerEvidence(
        name="head.bias",
        shape=(320,),
        elements=320,
        initialiser=Initialiser(kind="constant", source="UP main/model.py"),
        distance=0.5,
        chance_distance=0.0,
        displacement=0.25,
    )
    return TrainingEvidence(
        state="trained",
        reason="structure-and-steps",
        summary=TrainingSummary(
            layers_with_spectrum=40,
            layers_structured=38,
            parts=(
                PartStructure(name="backbone", layers=33, structured=32, pretrained=True),
                PartStructure(name="head", layers=7, structured=6),
            ),
            layers_with_distance=41,
            layers_moved=39,
            constants=82,
            constants_moved=81,
            normalisation_layers=18,
            normalisation_layers_moved=17,
            batches_at_least=387,
            steps_at_least=None,
            counters_agree=True,
        ),
        rule=TrainingRule(fewest_layers=8, few_steps=44, margin=1.25, structured_share=0.5, noise_share=0.05),
        read=183,
        declared=194,
        counters=CounterEvidence(
            iterations=1346328,
            iterations_per_epoch=19512,
            batch_size=32,
            samples_per_epoch_minimum=624353,
            samples_per_epoch_maximum=624384,
            consistent_with=(
                TrainingSetMatch(
                    id="human36m-p2-and-2d", samples_minimum=623902, samples_maximum=624860, sources=("UP x.py",)
                ),
            ),
        ),
        layers=(weight, bias, LayerEvidence(name="unknown", shape=(2, 2), elements=4)),
        normalisation=(
            NormalisationEvidence(
                name="head.norm",
                channels=320,
                mean_distance=0.125,
                smallest_variance=2.2e-18,
                largest_variance=3.5,
                moved=True,
                batches_at_least=387,
            ),
        ),
        dead=(
            DeadChannels(name="head.norm", by="running-variance", channels=320, dead=3, indices=(4, 1070)),
            DeadChannels(name="head.conv", by="zero-filter", channels=320, dead=1, indices=(7,)),
        ),
        moments=MomentsEvidence(
            parameters=134,
            with_moments=133,
            shapes_agree=132,
            unread=2,
            nonfinite=1,
            negative=0,
            all_zero=3,
            beyond_bound=4,
            steps_agree=None,
            consistent=False,
        ),
    )


def lineage() -> Lineage:
    """Three files: one with a layer drawn anew, one that nothing can be said of."""
    return Lineage(
        subjects=(XS, "control-xs", "control-s"),
        absent=(M,),
        pairs=(
            PairEvidence(
                first=XS,
                second="control-xs",
                relation="partly-reinitialised",
                reason="drawn-anew",
                compared=120,
                identical=110,
                rounded=8,
                unrelated=2,
                renamed=1,
                unread=5,
                median_cosine=0.01,
                differing=("head.weight",),
                differing_total=1,
                reinitialised=("head.weight",),
                reinitialised_in="control-xs",
            ),
            PairEvidence(first=XS, second="control-s", relation="not-comparable", reason="nothing-in-common"),
            PairEvidence(
                first="control-xs",
                second="control-s",
                relation="strangers",
                reason="as-chance-gives",
                compared=90,
                close=1,
                unrelated=89,
            ),
        ),
        chance_sigmas=6.0,
        close_cosine=0.5,
    )


def control(control_id: str, architecture_id: str) -> SubjectEvidence:
    architecture = next(a for a in FAMILY if a.id == architecture_id)
    return SubjectEvidence(
        id=control_id,
        role="control",
        title=control_id,
        variant=architecture_id,
        kinds=("live",),
        sources=(),
        available=True,
        unavailable_reason="",
        lock_match="unnamed",
        fingerprint=fingerprint(architecture, damaged=False),
        identification=Identification(
            status="EXACT",
            architecture=architecture_id,
            basis="tensors",
            candidates=_candidates(architecture_id),
            settings=_settings(architecture, joints=None),
            dtypes=("float32",),
        ),
        size=_size(True, architecture),
        evaluation=Evaluation(
            status="run",
            architecture=architecture_id,
            device=Device(
                kind="cpu",
                name="Some CPU",
                threads=2,
                torch="2.13.0",
                cuda="",
                python="3.11.9",
                platform="Linux x86_64",
                capability="AVX2",
                memory_bytes=16 * 2**30,
                without_cuda="driver-too-old",
                without_cuda_detail="CUDA initialization: too old",
            ),
            seed=7,
            input_shape=(2, 3, 256, 256),
            output_shape=(2, 18, 3),
            all_finite=True,
            repeatable=True,
            output_mean=15.5,
            output_std=0.0123456,
            macs=(MacCount(upsampling_blocks=2, conv_macs=815_000_000, all_macs=827_000_000, counter="ptflops 0.7.5"),),
            latency_seconds=0.0512,
            latency_minimum_seconds=0.05,
            latency_maximum_seconds=0.061,
            timed_passes=5,
            peak_memory_bytes=123_456_789,
            numerics=numerics(),
            speed=speed(),
        ),
        findings=(),
        reported=(),
        provenance=Provenance(recipe=architecture_id, seed=20231004, origin="recipe"),
        sanity=sanity(architecture_id),
    )


def sanity(architecture_id: str) -> SanityEvaluation:
    joints = tuple((100.0 + 3 * n, 80.0 + 5 * n, 10.0 * n) for n in range(18))
    return SanityEvaluation(
        status="run",
        architecture=architecture_id,
        device=Device(
            kind="cpu", name="Some CPU", threads=2, torch="2.13.0", cuda="", python="3.11.9", platform="Linux x86_64"
        ),
        seeds=(1, 2),
        volume=(32, 32, 32),
        all_finite=True,
        statement="untrained",
        statement_reason="criteria",
        probes=(
            ProbeResult(
                kind="drawn",
                images=1,
                measures=(
                    _measure("spread", "px", (0.5, 0.7), (0.4, 0.6)),
                    _measure("shift-share", "1", (0.99, 1.0), (1.0, 1.0)),
                    _measure("flip-share", "1", (1.2, 1.3), (None, None)),
                ),
                criteria=(
                    _criterion("articulated", "spread", 16.0, "above", 0.6, "no"),
                    _criterion("follows", "shift-share", 0.5, "below", 0.995, "no"),
                    _criterion("mirrors", "flip-share", 0.5, "below", None, "not-distinct"),
                ),
                statement="cannot-tell",
            ),
        ),
        entropies=tuple(
            JointEntropy(joint=joint, entropy_nats=10.0, peak=0.001, twin_entropy_nats=(10.4, 10.3, None, 9.0))
            for joint in JOINTS
        ),
        shown=(
            ShownProbe(
                kind="drawn",
                seed=1,
                image_jpeg="",
                pixels_mm=7.5,
                skeletons=(Skeleton(of="truth", joints=joints), Skeleton(of="network", joints=joints)),
            ),
        ),
        missing=(
            Missing(what="photograph", reason="package-missing", detail="scikit-image"),
            Missing(what="own", reason="none-given"),
        ),
        seconds=9.87,
    )


def _measure(
    name: MeasureName, unit: Unit, own: tuple[float, float], twins: tuple[float | None, float | None]
) -> Measure:
    return Measure(
        name=name,
        unit=unit,
        values=tuple(SeedValue(seed=seed, value=value) for seed, value in enumerate(own, start=1)),
        median=sum(own) / 2,
        twins=tuple(
            TwinValues(
                kind=kind,
                values=tuple(SeedValue(seed=seed, value=value) for seed, value in enumerate(twins, start=1)),
                median=twins[0],
                delta=None if twins[0] is None else 0.5,
                hedges_g=None if twins[0] is None else 1.25,
            )
            for kind in get_args(TwinKind)
        ),
    )


def _criterion(
    name: CriterionName,
    measure: MeasureName,
    threshold: float,
    trained_is: Literal["above", "below"],
    value: float | None,
    answer: Answer,
) -> Criterion:
    return Criterion(
        name=name,
        measure=measure,
        threshold=threshold,
        trained_is=trained_is,
        value=value,
        delta=None if value is None else -0.5,
        answer=answer,
    )


def numerics() -> Numerics:
    return Numerics(
        unit="mm",
        box_mm=2000.0,
        cell_mm=62.5,
        bin_mm=62.5,
        seed=7,
        between_images=0.25,
        comparisons=(
            NumericsComparison(
                id="repeated",
                images=2,
                all_finite=True,
                identical=True,
                maximum_displacement=0.0,
                median_displacement=0.0,
            ),
            NumericsComparison(
                id="bfloat16",
                images=2,
                all_finite=True,
                identical=False,
                maximum_displacement=3.25,
                median_displacement=0.5,
            ),
            NumericsComparison(id="float16", images=2, all_finite=False, identical=False),
            NumericsComparison(
                id="float16-imitated",
                images=2,
                all_finite=True,
                identical=False,
                maximum_displacement=0.0005,
                median_displacement=0.0001,
            ),
            NumericsComparison(id="tf32", reason="no-cuda"),
            NumericsComparison(id="compiled", reason="compile-failed", detail="no compiler"),
        ),
    )


def speed() -> Speed:
    return Speed(
        conv_macs=815_000_000,
        batches=tuple(batch_speed(size, 0.05 * size) for size in (1, 2, 4)),
        stop="time",
        limit_seconds=2.5,
        ceilings=(
            Ceiling(id="copy", unit="B/s", size=2**27, median=20e9, slowest=19e9, fastest=21e9, runs=5),
            Ceiling(id="product-float32", unit="FLOP/s", size=2048, median=90e9, slowest=80e9, fastest=95e9, runs=5),
            Ceiling(id="product-tf32", unit="FLOP/s", size=2048),
        ),
    )


def batch_speed(batch_size: int, seconds: float) -> BatchSpeed:
    flops = 2 * 815e6 * batch_size / seconds
    return BatchSpeed(
        batch_size=batch_size,
        latency_seconds=seconds,
        latency_minimum_seconds=0.9 * seconds,
        latency_maximum_seconds=1.2 * seconds,
        passes=3,
        images_per_second=batch_size / seconds,
        peak_memory_bytes=100_000_000 * batch_size,
        flops_per_second=flops,
        product_share=flops / 90e9,
        traffic_bytes_per_second=2e9,
        copy_share=0.1,
    )


def _operations() -> Operations:
    return Operations(
        counts=(
            OperationCount(
                architecture=M,
                upsampling_blocks=3,
                conv_macs=2_795_000_000,
                all_macs=2_821_000_000,
                counter="ptflops 0.7.5",
                paper_giga=2.82,
                paper_source="PAPER",
                conv_difference=2.795 / 2.82 - 1,
                all_difference=2.821 / 2.82 - 1,
                flops=5_590_000_000,
                flops_difference=2 * 2.795 / 2.82 - 1,
            ),
            OperationCount(
                architecture=XS,
                upsampling_blocks=2,
                conv_macs=815_000_000,
                all_macs=None,
                counter="",
                paper_giga=None,
                paper_source="",
                conv_difference=None,
                all_difference=None,
                flops=1_630_000_000,
                flops_difference=None,
            ),
        ),
        parameters=(
            ParameterCount(
                architecture=M, parameters=7_587_008, paper_mega=7.59, paper_source="PAPER", difference=-0.000394
            ),
            ParameterCount(architecture=XS, parameters=3_528_008, paper_mega=None, paper_source="", difference=None),
        ),
        reading=PaperReading(
            rule="all-operations",
            upsampling_blocks=3,
            largest_difference=0.0004,
            least_with_other_blocks=0.33,
            least_taken_literally=0.98,
        ),
    )


def _verdicts() -> tuple[Verdict, ...]:
    accuracy = Check(
        id="accuracy",
        subject=M,
        quantity="/report/figures/m-mpjpe/value",
        comparator="same-protocol",
        expected=44.6,
        tolerance=0.001,
        unit="mm",
        protocol="h36m-p2-mpjpe",
    )
    tracker = Check(id="issue-tracker", subject="UP", quantity="", comparator="not-observable", expected=None)
    dims = Check(
        id="control-dims",
        subject="control-xs",
        quantity="/subjects/control-xs/identification/settings/dims/value",
        comparator="equals",
        expected=(48, 96, 192, 384),
    )
    return (
        _verdict(
            "m-l-missing", 1, _listed_check("m-not-listed"), "refuted", "contradicted", True, ("reported",), ("DRIVE",)
        ),
        _verdict("s-is-xs", 3, _file_check("file-is-xs"), "untested", "no-file", None, ()),
        _verdict("xs-dims", 4, dims, "refuted", "contradicted", (40, 80, 160, 320), ("live",)),
        _verdict("m-figures", 6, accuracy, "supported", "holds", 44.6, ("reported",), ("PAPER",)),
        _verdict("no-open-issue", 11, tracker, "cannot-tell", "not-observable", None, ()),
    )


def _listed_check(check_id: str) -> Check:
    return Check(
        id=check_id, subject=M, quantity="/report/reported/listed-m/value", comparator="equals", expected=False
    )


def _file_check(check_id: str) -> Check:
    pointer = f"/subjects/{XS}/identification/architecture"
    return Check(id=check_id, subject=XS, quantity=pointer, comparator="equals", expected=XS)


def _missing_check() -> Check:
    pointer = "/comparison/checkpoints_missing"
    return Check(id="missing", subject="DRIVE", quantity=pointer, comparator="at-least", expected=1)


def _verdict(  # noqa: PLR0917
    claim_id: str,
    number: int,
    check: Check,
    outcome: Outcome,
    reason: str,
    found: Value | None,
    kinds: tuple[EvidenceKind, ...],
    sources: tuple[str, ...] = (),
    locator: str = "Sección",
) -> Verdict:
    result = CheckResult(check=check, outcome=outcome, reason=reason, found=found, kinds=kinds, sources=sources)
    claim = Claim(id=claim_id, number=number, source="SEED", locator=locator, checks=(check,), line=1)
    return Verdict(claim=claim, outcome=outcome, decisive=(result,), results=(result,))
