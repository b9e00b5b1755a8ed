"""A report to an issue: the evidence, its text within GitHub's limits, and the files that go with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from generators.errors import ClaimError, SourceError
from generators.issue.attachments import check_attachable, zip_within_limit
from generators.issue.budget import BUDGET_BYTES, fit_sections
from generators.issue.publication import find_publication
from generators.model.evidence import ReportEvidence
from generators.model.issue import IssueBundle, IssueFile, PublishedProject
from generators.pipeline.evidence.report import collect_evidence
from generators.pipeline.project import OWN_SETUP, Project, build_command, open_project
from generators.pipeline.publishing import published_state
from generators.provenance import digest_code
from generators.render.issue_charts import chart_pictures
from generators.render.issue_sections import issue_sections, issue_title
from generators.sources.github_issues import Post
from generators.sources.hidden_line import sealing_line
from generators.store import FILE_REMEDY, encode, json_schema, read_record, write_atomically

ARCHIVE: Final = "evidence.zip"
VERDICTS: Final = "verdicts.json"
BODY: Final = "issue.md"
TITLE: Final = "title.txt"
PDF: Final = "report-{language}.pdf"
OUT: Final = Path("issue")
"""Folder of the bundles in a project, one below it for each language."""
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"(?:\]\(|\bsrcset=\")(https?://[^)\s#\"]+)")


def make_bundle(
    root: Path, language: str, report: str = "", evidence_file: Path | None = None, *, has_pdf: bool = False
) -> IssueBundle:
    """Return what is posted or attached, from the evidence of a project.

    Args:
        root: Folder of the lock.
        language: ``en``, ``es`` or ``ko``.
        report: Id of the report that is meant; the project's if empty.
        evidence_file: A built site's ``evidence/report.json``, instead of collecting the evidence anew.
        has_pdf: Whether the report on paper is among its files.

    Raises:
        LockError: The lock is wrong.
        ClaimError: The report is wrong, or another one than was asked for.
        StoreError: The file of evidence can't be read.
        SourceError: It is of another state than the commit that the text would name.
        RenderError: An address is none, the text can't be made to fit, or no PDF can be printed.
    """
    project = open_project(root)
    if report not in {"", project.report.id}:
        raise ClaimError(
            "no-report",
            f"the project's report is {project.report.id!r}, not {report!r}",
            where=str(project.lock.path),
            remedy=f"ask for {project.report.id!r}, or leave --report out",
        )
    publication = find_publication(root, project.environment)
    if evidence_file is None:
        evidence = collect_evidence(root)
    else:
        evidence = _read(evidence_file)
        _require_of_commit(evidence, publication, project, evidence_file)
    evidence = dated(evidence, publication, project.environment)
    further = (printed(evidence, language, publication, project),) if has_pdf else ()
    return bundle_of(evidence, language, publication, project, further)


def bundle_of(
    evidence: ReportEvidence,
    language: str,
    publication: PublishedProject,
    project: Project,
    further: Sequence[IssueFile] = (),
) -> IssueBundle:
    """Return the bundle of evidence that is at hand, with further files."""
    attachments = tuple(check_attachable(file) for file in (*_attachments(evidence, project), *further))
    sections = issue_sections(
        evidence,
        language,
        publication,
        commands=tuple(commands(publication, has_setup=build_command(project.root) == OWN_SETUP, language=language)),
        attached=tuple(file.name for file in attachments),
    )
    title = issue_title(evidence, language)
    hidden = sealing_line(marker(evidence.report.id, language), title, "")  # as long as that of any text
    fitted = fit_sections(sections, BUDGET_BYTES - len(f"{hidden}\n"))
    return IssueBundle(
        report=evidence.report.id,
        language=language,
        title=title,
        body=fitted.text,
        shortened=fitted.shortened,
        attachments=attachments,
        links=tuple(dict.fromkeys(links_of(fitted.text, publication))),
        site_url=publication.language_url(language),
        state=published_state(evidence),
    )


def write_bundle(bundle: IssueBundle, folder: Path) -> tuple[Path, ...]:
    """Write a bundle into a folder and return its files, the text first.

    Raises:
        StoreError: One can't be written.
    """
    files = (
        IssueFile(name=BODY, data=post_of(bundle).text.encode()),
        IssueFile(name=TITLE, data=f"{bundle.title}\n".encode()),
        *bundle.attachments,
    )
    for file in files:
        with write_atomically(folder / file.name, FILE_REMEDY) as opened:
            opened.write(file.data)
    return tuple(folder / file.name for file in files)


def links_of(text: str, publication: PublishedProject) -> Iterator[str]:
    """Yield where the links of a text lead: to the site or the repository, for nothing else is linked to.

    They are asked for before anything is posted. What looks like one in a name of a checkpoint is code, and no address
    that a stranger chose may be asked for.
    """
    own = tuple(f"{root.rstrip('/')}/" for root in (publication.site_url, publication.repository) if root)
    for address in _LINK.findall(_CODE.sub("", text)):
        if address.startswith(own):
            yield address


def post_of(bundle: IssueBundle) -> Post:
    """Return what is sent of a bundle."""
    return Post(title=bundle.title, body=bundle.body, marker=marker(bundle.report, bundle.language))


def marker(report: str, language: str) -> str:
    """Return the name by which what was posted is found again."""
    return f"issue-{report}-{language}"


def commands(publication: PublishedProject, *, has_setup: bool, language: str) -> Iterator[str]:
    """Yield the three commands that reproduce a report, as lines of a shell."""
    judge = f"assay judge --language {language}"
    if not has_setup:
        yield from ("assay fetch", "assay verify", judge)
    elif publication.repository and publication.commit:
        name = publication.repository.rpartition("/")[2]
        yield f"git clone {publication.repository} && cd {name} && git checkout {publication.commit}"
        yield OWN_SETUP
        yield f".venv/bin/assay fetch && .venv/bin/{judge}"
    else:
        yield from (OWN_SETUP, ".venv/bin/assay fetch", f".venv/bin/{judge}")


def dated(evidence: ReportEvidence, publication: PublishedProject, environment: Mapping[str, str]) -> ReportEvidence:
    """Return the evidence with the date of the commit where its files are the commit's: made again, it is the same."""
    if environment.get("SOURCE_DATE_EPOCH") or not (publication.is_clean and publication.committed_at):
        return evidence
    return replace(evidence, build=replace(evidence.build, date=publication.committed_at))


def _read(path: Path) -> ReportEvidence:
    evidence = read_record(path, ReportEvidence, "give the file evidence/report.json of a built site")
    if evidence is None:
        raise ClaimError("no-evidence", "the file isn't there", where=str(path), remedy="build the site first")
    return evidence


def _require_of_commit(evidence: ReportEvidence, publication: PublishedProject, project: Project, path: Path) -> None:
    """Refuse evidence that other code or another lock gave than those which the text names by their commit."""
    ours = (digest_code(), hashlib.sha256(project.lock.path.read_bytes()).hexdigest())
    if publication.commit and ours != (evidence.build.code_digest, evidence.build.lock_sha256):
        raise SourceError(
            "other-state",
            "the evidence is of other code or of another checkpoints.lock than the commit that the text would name",
            where=str(path),
            remedy="check out what the site was built from, or leave --from out",
        )


def printed(evidence: ReportEvidence, language: str, publication: PublishedProject, project: Project) -> IssueFile:
    """Return the whole report on paper.

    Raises:
        RenderError: It can't be printed here.
    """
    from generators.pipeline.documents import document_parts, report_document  # MkDocs' packages, and a browser
    from generators.render.pdf import print_document

    parts = document_parts(evidence, language, project.cache)
    address = publication.language_url(language)
    document = report_document(project.root, evidence, language, project.cache, parts, address)
    return IssueFile(name=PDF.format(language=language), data=print_document(document, evidence.build.date))


def _attachments(evidence: ReportEvidence, project: Project) -> Iterator[IssueFile]:
    for picture in chart_pictures(evidence, "light"):
        yield IssueFile(name=Path(picture.file).name, data=project.cache.get_or_make(picture.key, picture.draw))
    yield IssueFile(name=VERDICTS, data=encode(evidence.verdicts))
    inputs = (project.lock.path, project.report_path)
    needed = [IssueFile(name=path.relative_to(project.root).as_posix(), data=path.read_bytes()) for path in inputs]
    needed += [
        IssueFile(name=f"evidence/{VERDICTS}", data=encode(evidence.verdicts)),
        IssueFile(name="evidence/schema.json", data=json_schema()),
    ]
    whole = [IssueFile(name="evidence/report.json", data=encode(evidence))]
    each = [IssueFile(name=f"evidence/{subject.id}.json", data=encode(subject)) for subject in evidence.subjects]
    yield zip_within_limit(ARCHIVE, (needed, whole, each))
