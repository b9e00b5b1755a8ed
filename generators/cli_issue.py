"""The command that tells a report to those whom it is about: ``assay issue``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from generators.cli_parts import LANGUAGES, Commands, add_command, add_project, agreed, show_progress, write
from generators.exit_codes import ExitCode
from generators.render.markup import terminal_text

if TYPE_CHECKING:
    from pathlib import Path

    from generators.model.issue import IssueBundle
    from generators.pipeline.posting import PreparedPost
    from generators.sources.github_issues import Target

_ISSUE = """\
Writes the text of a GitHub issue (at most 60,000 bytes) with its charts and evidence as files, and prints the text.
Names from a checkpoint stand in it as code: they ping nobody and link to nothing.

Links and charts lead to the published site (ASSAY_SITE_URL, or site_url of mkdocs.yml) and name the commit;
ASSAY_PINNED_URL is an address with {commit} in it, where the site of each commit is kept (the workflow `pages` keeps
the newest six, and each with a tag). Where no site is known, the text has no links: paste it in a browser and attach
the files.

--post sends it through the command `gh`, with its login and its host (GH_HOST), once everything that it links to has
been found published in the very same state. What was posted before is found again and brought up to date; no right to
write to the repository is needed. A title that somebody has given it since stays; where somebody has changed its text,
you are told, and --yes alone doesn't overwrite it. Nothing is posted before you say yes, or with --yes."""
_ACTIONS = {
    "create-issue": "a new issue",
    "update-issue": "the issue #{number}, in the place of its text",
    "create-comment": "a comment on #{number}",
    "update-comment": "the comment on #{number}, in the place of its text",
    "unchanged": "nothing: it is there already",
}


def _add_issue(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "issue",
        "Write the report as a GitHub issue, and post it if asked to.",
        _ISSUE,
        "assay issue",
        "assay issue --lang ko --pdf --out /tmp/issue | less",
        "assay issue --lang es --post OWNER/REPO",
        "assay issue --post OWNER/REPO#7 --yes",
        exits={
            ExitCode.DONE: "written, posted, or posted already",
            ExitCode.NOT_SO: "not posted: you said no, nobody could be asked, or --yes met a changed text",
            ExitCode.UNUSABLE: "",
            ExitCode.UNREACHABLE: "waiting helps: network, rate limit",
            ExitCode.WRONG_FILE: "what is published, or what --from names, is of another state",
            ExitCode.REFUSED: "refused, closed, locked, no login, or not published",
            ExitCode.MACHINE: "`gh` is missing",
        },
    )
    command.add_argument(
        "-l", "--lang", "--language", dest="language", choices=LANGUAGES, default="en", help="language (default: en)"
    )
    command.add_argument("--out", metavar="FOLDER", help="folder of the files (default: issue/LANGUAGE in the project)")
    command.add_argument("--report", metavar="ID", default="", help="report that is meant (default: the project's)")
    command.add_argument(
        "--from",
        dest="evidence",
        metavar="FILE",
        help="evidence/report.json of a built site, instead of collecting the evidence anew",
    )
    command.add_argument("--pdf", action="store_true", help="the whole report on paper too; needs Chromium")
    command.add_argument(
        "--post", metavar="OWNER/REPO[#N]", type=_target, help="post it: as an issue, or as a comment on issue N"
    )
    command.add_argument("--yes", action="store_true", help="post without asking")
    add_project(command)
    command.set_defaults(run=_issue)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {"issue": _add_issue}
"""The commands, by name."""


def _target(text: str) -> Target:
    from generators.errors import SourceError
    from generators.sources.github_issues import parse_target

    try:
        return parse_target(text)
    except SourceError as error:
        message = f"{error.what}: {error.remedy}"
        raise argparse.ArgumentTypeError(message) from error


def _issue(options: argparse.Namespace) -> int:
    from generators.sources.github_api import current_login

    show_progress(quiet=bool(options.evidence))
    # collecting the evidence can take minutes: who can't print or post is told before
    if options.pdf:
        from generators.render.pdf import require_printer

        require_printer()
    if options.post:
        current_login()
    bundle = _written(options)
    return _post(bundle, options) if options.post else 0


def _written(options: argparse.Namespace) -> IssueBundle:
    """Write the bundle, print its text and say where its files are."""
    from pathlib import Path

    from generators.pipeline.issue import OUT, make_bundle, write_bundle

    root = Path(options.project)
    evidence = Path(options.evidence) if options.evidence else None
    bundle = make_bundle(root, options.language, options.report, evidence, has_pdf=options.pdf)
    files = write_bundle(bundle, Path(options.out) if options.out else root / OUT / options.language)
    write(bundle.body.encode())
    _tell_files(bundle, files)
    return bundle


def _tell_files(bundle: IssueBundle, files: tuple[Path, ...]) -> None:
    _tell(f"title: {bundle.title}")
    for file in files:
        _tell(f"{file} ({file.stat().st_size:,} bytes)")
    if bundle.shortened:
        _tell(f"shortened so that it fits: {', '.join(bundle.shortened)}")
    if bundle.site_url and any(file.suffix == ".pdf" for file in files):
        _tell("the text doesn't name the PDF: GitHub takes files from a browser alone, attach it there")
    if not bundle.site_url:
        _tell("no published site is known: attach the files by hand, or name the site in ASSAY_SITE_URL")


def _post(bundle: IssueBundle, options: argparse.Namespace) -> int:
    from generators.pipeline.posting import prepare_post
    from generators.sources.github_issues import carry_out

    prepared = prepare_post(bundle, options.post)
    _tell_plan(prepared)
    if prepared.plan.action == "unchanged":
        return 0
    if options.yes and prepared.plan.is_edited:
        _tell("nothing was posted: look at what was changed there, then run this again without --yes")
        return ExitCode.NOT_SO
    if not options.yes and not _agreed():
        _tell("nothing was posted")
        return ExitCode.NOT_SO
    _tell(f"posted: {carry_out(prepared.plan, prepared.post)}")
    return 0


def _tell_plan(prepared: PreparedPost) -> None:
    plan, post = prepared.plan, prepared.post
    _tell(f"to write: {_ACTIONS[plan.action].format(number=plan.number)}")
    _tell(f"where: {plan.address}")
    if plan.title:
        _tell(f"its title there: {plan.title}")
    _tell(f"as: {plan.login or 'the account of the token'}")
    if plan.action.endswith("-issue"):
        _tell("title: somebody gave it the one above; it stays" if plan.is_renamed else f"title: {post.short_title}")
    else:
        _tell("the text is printed above")
    if plan.is_edited:
        _tell("note: somebody has changed the text there since it was posted; that would be lost")
    _tell(f"size: {len(post.text.encode()):,} bytes")


def _agreed() -> bool:
    """Ask; where nobody can answer, the answer is no."""
    if not sys.stdin.isatty():
        _tell("nobody can be asked here: say --yes to post it")
        return False
    return agreed("Post it?")


def _tell(line: str) -> None:
    """Say something about the text on standard error; titles and addresses on a server may be hostile."""
    sys.stderr.write(f"{terminal_text(line)}\n")
