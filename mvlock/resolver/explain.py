"""Why a tree has no resolution: facts first (``Proof``), then sentences for the user, then remedies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TypeGuard

import msgspec
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.codes import Code
from mvlock.errors import MvlockError, UnmetRequest
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.fact import ConstraintFact, Fact, NeedsFact, Proof, RootRequirement, SameVersion, UnusableReleases
from mvlock.resolver.hints import Remedy, remedies
from mvlock.resolver.name_suggestions import near_names
from mvlock.resolver.need import Need
from mvlock.resolver.prover import Prover
from mvlock.resolver.report import argument, is_dead_end, ordered, sentences
from mvlock.resolver.requirement import SolverRequirement, UnsatisfiableRequirement
from mvlock.resolver.solve import BRIEF, Unsolvable, attempt
from mvlock.resolver.solve_input import SolveInput

_HINTS: Mapping[Code, str] = {
    "python-mismatch": "narrow requires-python{python} in pyproject.toml, or require another version",
    "yanked-only": "if you need it anyway, pin it with == in pyproject.toml",
    "too-new": "set a later {limit}, or require another version",
    "upload-time-missing": "use an index that provides upload times (PEP 700), or set this project to false in "
    "exclude-newer-package",
    "no-file": "narrow environments in [tool.mvlock], or require another version",
    "build-off": "allow the build: change no-build or no-build-package in [tool.mvlock]; or require another version",
    "hash-missing": "the index must provide sha256; md5 and sha1 are not safe",
    "prerelease-only": 'set prereleases = "if-necessary" in [tool.mvlock]',
    "direct-reference": "declare this source in [tool.mvlock.sources]",
    "too-deep": "narrow the ranges in pyproject.toml, or add constraints",
}


class _Explanation(msgspec.Struct, frozen=True):
    """A code, the text, and what can be done."""

    code: Code
    text: str
    hint: str | None
    remedies_found: tuple[Remedy, ...] = ()


def explained(tree: str, unsolvable: Unsolvable, catalogue: Catalogue, *, called: str = "") -> UnmetRequest:
    """The error for a tree without a resolution, which the message calls ``called``.

    Its ``facts`` hold the tree, the target, the statements that exclude each other (``proof``), those of
    pyproject.toml among them (``lines``), and the ``remedies`` that were tried and work.
    """
    solve_input = unsolvable.solve_input
    proof = _proof(unsolvable, catalogue)
    explanation = _explanation(proof, solve_input, catalogue) if proof.facts else _ABANDONED
    facts: dict[str, object] = {
        "tree": tree,
        "target": catalogue.matrix.targets[solve_input.target].name,
        "proof": [fact_json(fact) for fact in ordered(proof)],
        "lines": [{"origin": str(need.origin), "requirement": str(need)} for need in proof.declared],
        "remedies": [{"kind": remedy.kind, "text": remedy.text} for remedy in explanation.remedies_found],
    }
    target_text = _target_text(unsolvable, catalogue, always=explanation.code in _TARGET_CODES)
    head = f"{called or f'tree {tree}'} cannot be resolved{target_text}"
    message = f"{head}: {explanation.text}{_declared(proof, explanation.text)}"
    return UnmetRequest(explanation.code, message, hint=explanation.hint, facts=facts)


class Reason(msgspec.Struct, frozen=True):
    """Why some dependencies have no resolution together, as one sentence.

    ``requirements``: the projects of pyproject.toml that take part, as far as that is known.
    """

    text: str
    requirements: frozenset[str]

    def named_among(self, required: Mapping[str, Collection[str]]) -> tuple[str, ...]:
        """Of some dependencies, with the projects that each requires directly, those that take part, sorted."""
        return tuple(name for name in sorted(required) if not self.requirements.isdisjoint(required[name]))


def reason(unsolvable: Unsolvable, catalogue: Catalogue, *, about: str = "") -> Reason:
    """The reason alone, for callers that can go on without a resolution; without places in pyproject.toml.

    ``about``: a project whose fixed version the reader already knows.
    """
    proof = _proof(unsolvable, catalogue)
    facts = (fact for fact in proof.facts if not (_is_fixed(fact) and fact.need.name == about))
    clauses = sentences(Proof(tuple(_with_array(fact) for fact in facts if not _is_implied(fact, proof))))
    text = ", but ".join(filter(None, ["; ".join(clauses[:-1]), *clauses[-1:]])) or _ABANDONED.text
    requirements = frozenset(
        str(fact.need.name) for fact in proof.facts if isinstance(fact, RootRequirement) or _is_fixed(fact)
    )
    target_text = _target_text(unsolvable, catalogue, always=False)
    return Reason(text + target_text, requirements)


def _is_implied(fact: Fact, proof: Proof) -> bool:
    """Whether a fact only requires or fixes a project whose needs are reported anyway."""
    needing = {str(other.project) for other in proof.facts if isinstance(other, NeedsFact)}
    return (
        isinstance(fact, (RootRequirement, ConstraintFact))
        and (isinstance(fact, RootRequirement) or _is_fixed(fact))
        and fact.need.name in needing
    )


def _is_fixed(fact: Fact) -> TypeGuard[ConstraintFact]:
    """Whether it fixes a version that a dependency has by itself, without a requirement in pyproject.toml."""
    return isinstance(fact, ConstraintFact) and fact.need.origin is None


def _with_array(fact: Fact) -> Fact:
    """The fact with the array of pyproject.toml in place of the entry."""
    if _is_fixed(fact):
        (version,) = (str(specifier.version) for specifier in fact.need.specifier)
        return UnusableReleases("fixed", fact.need.name, (), f"{fact.need.name} by itself is {version}")
    if isinstance(fact, (RootRequirement, ConstraintFact, NeedsFact)) and fact.need.origin:
        return replace(fact, need=replace(fact.need, origin=fact.need.origin.array))
    return fact


def fact_json(fact: Fact) -> dict[str, object]:
    """A fact in machine-readable form: its kind, its text, and its parts."""
    parts: dict[str, object] = {"text": fact.sentence}
    if isinstance(fact, RootRequirement):
        return {"kind": "asks", **parts, "requirement": str(fact.need), "origin": _origin(fact.need)}
    if isinstance(fact, ConstraintFact):
        return {"kind": "bounds", **parts, "requirement": str(fact.need), "origin": _origin(fact.need)}
    if isinstance(fact, SameVersion):
        return {"kind": "same", **parts, "project": fact.project, "extra": fact.extra}
    versions = [str(version) for version in fact.versions]
    if isinstance(fact, UnusableReleases):
        return {"kind": "unfit", **parts, "project": fact.project, "versions": versions, "code": fact.code}
    needs = {"extra": fact.extra, "requirement": str(fact.need)}
    return {"kind": "needs", **parts, "project": fact.project, "versions": versions, **needs}


def _origin(need: Need) -> str | None:
    return None if need.origin is None else str(need.origin)


def _proof(unsolvable: Unsolvable, catalogue: Catalogue) -> Proof:
    """The proof, or the last conflict of the failed search."""
    if unsolvable.proof is not None:
        return unsolvable.proof
    with suppress(MvlockError):
        answer = Prover(catalogue, unsolvable.solve_input).answer()
        if isinstance(answer, Proof):
            return answer
    return Proof(tuple(_last_conflict(unsolvable)))


def _last_conflict(unsolvable: Unsolvable) -> list[Fact]:
    facts: dict[str, Fact] = {}
    for cause in unsolvable.causes:
        requirement, parent = cause.requirement, cause.parent
        if isinstance(requirement, UnsatisfiableRequirement):
            facts[requirement.text] = UnusableReleases(requirement.code, requirement.key[1], (), requirement.text)
        elif isinstance(requirement, SolverRequirement) and requirement.need is not None:
            need = requirement.need
            version = (parent.release.version,) if parent else ()
            fact = NeedsFact(parent.release.project, parent.extra, version, need) if parent else RootRequirement(need)
            facts[fact.sentence] = fact
    return list(facts.values())


def _explanation(proof: Proof, solve_input: SolveInput, catalogue: Catalogue) -> _Explanation:
    text = argument(sentences(proof))
    if not is_dead_end(proof):
        return _conflict(proof, text, solve_input, catalogue)
    unusable = [fact for fact in proof.facts if isinstance(fact, UnusableReleases)]
    code, fact = next((fact.code, fact) for fact in unusable if fact.code != "fixed")
    hint = _HINTS.get(code)
    if code == "project-missing":
        hint = _similar_name(fact.project, solve_input, catalogue)
    if code == "python-mismatch" and hint:
        hint = hint.format(python=f" ('{catalogue.rules.requires_python}')" if catalogue.rules.requires_python else "")
    if code in {"too-new", "upload-time-missing"} and hint:
        hint = hint.format(limit=_limit_text(fact, solve_input, catalogue))
    return _Explanation(code, text, hint)


def _limit_text(limited: UnusableReleases, solve_input: SolveInput, catalogue: Catalogue) -> str:
    release = catalogue.table(NormalizedName(limited.project)).release_of(limited.versions[0])
    return catalogue.rules.limit_text(solve_input.requirements.tree, release)


def _conflict(proof: Proof, text: str, solve_input: SolveInput, catalogue: Catalogue) -> _Explanation:
    def solved(other: SolveInput) -> Mapping[str, Version] | None:
        try:
            return dict(member.pin for member in attempt(catalogue, other, BRIEF).members)
        except (Unsolvable, MvlockError):
            return None

    remedies_found = remedies(proof, solve_input, catalogue, solved)
    hint = "; or ".join(remedy.text for remedy in remedies_found) or None
    return _Explanation("conflict", text, hint, remedies_found)


def _similar_name(name: str, solve_input: SolveInput, catalogue: Catalogue) -> str | None:
    own: list[Need] = [*solve_input.requirements.needs]
    near = near_names(name, {*catalogue.known_names(), *(need.name for need in own)} - {name})
    return f"did you mean {' or '.join(near)}?" if near else None


def _declared(proof: Proof, text: str) -> str:
    """What of pyproject.toml takes part, unless the text has it all."""
    if all(str(need.origin) in text for need in proof.declared):
        return ""
    return "\n  in pyproject.toml: " + ", ".join(f"{need} ({need.origin})" for need in proof.declared)


def _target_text(unsolvable: Unsolvable, catalogue: Catalogue, *, always: bool) -> str:
    """The target, if it matters or is not the first one: other targets may have a resolution."""
    number = unsolvable.solve_input.target
    if not always and number == 0 and unsolvable.provider.same & sum(1 << n for n in catalogue.matrix.representatives):
        return ""
    environment = catalogue.matrix.targets[number].environment
    facts = (environment["python_version"], environment["sys_platform"], environment["platform_machine"])
    return " (on Python {}, {} {})".format(*facts)


_TARGET_CODES = frozenset({"python-mismatch", "no-file"})
_ABANDONED = _Explanation("too-deep", "the search for versions that fit together was abandoned", _HINTS["too-deep"])
