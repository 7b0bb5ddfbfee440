"""Direct references (PEP 508, ``name @ url``) in distributions that do not come from an index.

A release of an index must not refer to another place: its references are refused unless pyproject.toml
declares the source too. A distribution from a folder, a repository or a URL is trusted to say where its own
dependencies come from.
"""

from __future__ import annotations

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.errors import UnmetRequest
from mvlock.project.model import NamedIndexSource, Project
from mvlock.project.sources import source_of_url
from mvlock.resolver.ports import DirectReference, MetadataBuilder


def direct_references(project: Project, builder: MetadataBuilder) -> dict[NormalizedName, DirectReference]:
    """The sources that pyproject.toml declares and those that these refer to, and so on.

    :raises UnmetRequest: ``source-clash`` if two of them refer to one project at different places
    :raises LocalError: a reference that is not valid
    :raises BadArtifact: metadata that cannot be read or built
    """
    declared = {name: source for name, source in project.sources.items() if not isinstance(source, NamedIndexSource)}
    found: dict[NormalizedName, DirectReference] = dict(declared)
    declared_by: dict[NormalizedName, str] = dict.fromkeys(project.sources, "pyproject.toml")
    queue = [declaration.project for tree in project.trees for declaration in tree.requirements]
    seen: set[NormalizedName] = set()
    while queue:
        builder.read_ahead(found[name] for name in queue if name in found)
        name = queue.pop(0)
        if name in seen or name not in found:
            continue
        seen.add(name)
        for requirement in builder.metadata(found[name]).requires_dist:
            queue.append(canonicalize_name(requirement.name))
            if requirement.url and declared_by.get(queue[-1]) != "pyproject.toml":
                _add_source(requirement, name, project, found, declared_by)
    return found


def _add_source(
    requirement: Requirement,
    parent: str,
    project: Project,
    found: dict[NormalizedName, DirectReference],
    declared_by: dict[NormalizedName, str],
) -> None:
    name = canonicalize_name(requirement.name)
    source = source_of_url(project.root, requirement.url or "", f"{parent}: {requirement}")
    first = declared_by.setdefault(name, parent)
    if found.setdefault(name, source) != source:
        raise UnmetRequest(
            "source-clash",
            f"{first} and {parent} refer to {name} at different places",
            hint=f"say which one in [tool.mvlock.sources]: {name} = …",
            facts={"project": name, "by": [first, parent]},
        )
