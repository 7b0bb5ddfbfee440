"""What ``[tool.mvlock.policy]`` does not allow in a lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mvlock.lock.license_expression import is_allowed
from mvlock.lock.meeting_versions import meeting_versions
from mvlock.lock.model import Lock, LockedPackage
from mvlock.project.model import Policy

UNKNOWN_LICENSE = "unknown"
"""What a policy and lists call the licence of what declares none."""


class Violation(msgspec.Struct, frozen=True):
    """What ``key`` of the policy does not allow, and why, in words."""

    key: str
    name: str
    versions: tuple[str, ...]
    text: str


def violations(lock: Lock, policy: Policy) -> list[Violation]:
    """Everything that the lock alone shows, by setting and project. Licences are not in it."""
    return [*_too_many(lock, policy), *_projects(lock.packages, policy)]


def license_violations(licenses: Mapping[tuple[str, str], str | None], policy: Policy) -> Iterator[Violation]:
    """The releases whose licence is not one of those that are allowed, by project and version."""
    for (name, version), license_ in sorted(licenses.items()):
        allowed = policy.licenses_of.get(canonicalize_name(name), policy.licenses)
        text = license_ or UNKNOWN_LICENSE
        if allowed is not None and not is_allowed(text, allowed):
            key = "licenses-package" if name in policy.licenses_of else "licenses"
            yield Violation(key, name, (version,), f"its license, {text}, is not in the list {key}")


def _too_many(lock: Lock, policy: Policy) -> Iterator[Violation]:
    if policy.max_versions is None and not policy.max_versions_of:
        return
    for name, versions in meeting_versions(lock, lock.trees).items():
        most = policy.max_versions_of.get(canonicalize_name(name), policy.max_versions)
        if most is not None and len(versions) > most:
            key = "max-versions-package" if name in policy.max_versions_of else "max-versions"
            yield Violation(key, name, versions, f"{len(versions)} versions in one environment, {key} is {most}")


def _projects(packages: Iterable[LockedPackage], policy: Policy) -> Iterator[Violation]:
    for package in packages:
        denied = _matching(package, policy.deny)
        if denied is not None:
            yield Violation("deny", package.name, (package.version,), f"deny lists {denied}")
        elif policy.allow is not None and _matching(package, policy.allow) is None:
            yield Violation("allow", package.name, (package.version,), "it is not in the list allow")


def _matching(package: LockedPackage, rules: Sequence[Requirement]) -> Requirement | None:
    """The first rule that is about a release."""
    about = (rule for rule in rules if canonicalize_name(rule.name) == package.name)
    return next((rule for rule in about if rule.specifier.contains(package.version, prereleases=True)), None)
