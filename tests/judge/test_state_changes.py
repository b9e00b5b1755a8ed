from __future__ import annotations

from typing import Any

from generators.judge.state_changes import compare_states
from generators.model.changes import VerdictState
from generators.model.claim import Outcome, Tally
from generators.model.history import CheckState, ClaimState, FileState


def check(name: str, outcome: Outcome, found: Any = 1) -> CheckState:
    return CheckState(id=name, outcome=outcome, reason="holds", found=found, kinds=("live",))


def claim(name: str, outcome: Outcome, *checks: CheckState, definition: str = "d") -> ClaimState:
    return ClaimState(claim=name, outcome=outcome, definition=definition, subjects=("one",), checks=checks)


def state(*claims: ClaimState, lock: str = "lock", code: str = "code", sha256: str | None = None) -> VerdictState:
    files = (FileState(subject="one", kinds=("live",), sha256=sha256, weights_digest=None),)
    return VerdictState(
        report="r", date="", version="1", code_digest=code, lock_sha256=lock, claims=claims, files=files
    )


def test_the_same_state_changes_nothing() -> None:
    one = state(claim("a", "supported", check("x", "supported")))
    changes = compare_states(one, one)
    assert (changes.flips, changes.moved) == ((), ())
    assert changes.tally_before == changes.tally_after == Tally(supported=1, refuted=0, cannot_tell=0, untested=0)


def test_a_flip_names_the_checks_that_differ_before_and_after() -> None:
    same = check("same", "supported")
    before = state(claim("a", "supported", check("x", "supported", 7), same))
    after = state(claim("a", "refuted", check("x", "refuted", 8), same))
    (flip,) = compare_states(before, after).flips
    assert (flip.claim, flip.before, flip.after) == ("a", "supported", "refuted")
    ((decisive),) = flip.checks
    assert decisive.before is not None
    assert decisive.after is not None
    assert (decisive.id, decisive.before.found, decisive.after.found) == ("x", 7, 8)


def test_new_and_gone_claims_are_flips_from_and_to_nothing() -> None:
    before, after = state(claim("gone", "refuted", check("x", "refuted"))), state(claim("new", "untested"))
    flips = {flip.claim: (flip.before, flip.after, flip.differences) for flip in compare_states(before, after).flips}
    assert flips == {"new": (None, "untested", ("claim",)), "gone": ("refuted", None, ("claim",))}


def test_a_verdict_that_stays_on_other_evidence_is_told_apart_from_a_flip() -> None:
    before = state(claim("a", "refuted", check("x", "refuted", 7)))
    after = state(claim("a", "refuted", check("x", "refuted", 8)))
    changes = compare_states(before, after)
    assert changes.flips == ()
    assert [moved.claim for moved in changes.moved] == ["a"]


def test_what_else_differs_is_named() -> None:
    def differences(**after: Any) -> tuple[str, ...]:
        definition = after.pop("definition", "d")
        new = state(claim("a", "refuted", definition=definition), **after)
        return compare_states(state(claim("a", "supported")), new).flips[0].differences

    assert differences() == ()
    assert differences(definition="e") == ("claim",)
    assert differences(sha256="0" * 64) == ("file",)
    assert differences(lock="other") == ("lock",)
    assert differences(code="other") == ("code",)
    assert differences(code="") == (), "a code that isn't known can't be said to differ"


def test_another_subjects_file_explains_nothing() -> None:
    other = FileState(subject="two", kinds=("live",), sha256="0" * 64, weights_digest=None)
    before, after = state(claim("a", "supported")), state(claim("a", "refuted"))
    known = VerdictState(
        report="r",
        date="",
        version="1",
        code_digest="code",
        lock_sha256="lock",
        claims=after.claims,
        files=(*after.files, other),
    )
    assert compare_states(before, known).flips[0].differences == ()


def test_without_an_earlier_state_nothing_is_a_change() -> None:
    changes = compare_states(None, state(claim("a", "refuted")))
    assert (changes.before, changes.tally_before, changes.flips, changes.moved) == (None, None, (), ())
    assert changes.tally_after.refuted == 1
