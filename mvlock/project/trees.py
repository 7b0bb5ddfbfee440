"""Which trees there are, and what each must hold.

Each directly required project has a tree; entries of ``[tool.mvlock.trees]`` combine several; an alias is a
tree too. An entry arranges requirements: it takes over the requirements of the projects it names, with
their groups and extras. A project that nothing but an entry requires is always installed.
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import product
from operator import or_

import msgspec
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.project.declaration import Declaration, Origin
from mvlock.project.fields import without_url
from mvlock.project.model import Prereleases, ShareMode, Sharing, TreeRequest, Wish
from mvlock.project.problem import Problems, did_you_mean, key_path
from mvlock.project.settings import AliasTable, MvlockTable, ShareTable, TreeTable
from mvlock.project.tree_names import RESERVED, tree_name


class _TreeDraft(msgspec.Struct):
    """A tree being built. ``key`` is where its name comes from, ``own``: it is for a single dependency."""

    name: str
    key: Origin
    declarations: list[Declaration] = msgspec.field(default_factory=list)
    settings: TreeTable = msgspec.field(default_factory=TreeTable)
    alias: AliasTable | None = None
    settings_key: tuple[str, ...] = ()
    own: bool = False


def tree_requests(required: list[Declaration], settings: MvlockTable, problems: Problems) -> tuple[TreeRequest, ...]:
    """All trees, sorted by name; invalid and clashing names are problems."""
    entries = _entries(settings.trees)
    dependencies = _dependency_trees(required, entries)
    aliases = _aliases(settings.alias)
    drafts = [*entries, *dependencies, *aliases]
    _apply_settings(settings.trees, drafts, problems)
    _check_limits(drafts, problems)
    _check_names(drafts, problems)
    projects = {declaration.project for declaration in required}
    requests = sorted((_tree_request(draft, projects, settings) for draft in drafts), key=lambda tree: tree.name)
    _check_exclusions(requests, problems)
    return tuple(requests)


def alias_requirements(table: AliasTable) -> tuple[Requirement, ...]:
    """What an alias requires; the first is the library itself."""
    return (table.requirement,) if table.requirement else table.requirements


def _entries(tables: Mapping[str, TreeTable]) -> list[_TreeDraft]:
    drafts = []
    for table_name, table in tables.items():
        if table.requirements:
            at = ("tool", "mvlock", "trees", table_name)
            declarations = [
                Declaration(without_url(requirement), Origin(at, index))
                for index, requirement in enumerate(table.requirements)
            ]
            drafts.append(_TreeDraft(tree_name(table_name), Origin(at), declarations))
    return drafts


def _dependency_trees(required: Iterable[Declaration], entries: list[_TreeDraft]) -> list[_TreeDraft]:
    """Assign every requirement to the entries that name its project, else to a tree of the project's own."""
    drafts_of: dict[NormalizedName, list[_TreeDraft]] = {}
    for entry in entries:
        for project in {declaration.project for declaration in entry.declarations}:
            drafts_of.setdefault(project, []).append(entry)
    own: list[_TreeDraft] = []
    for declaration in required:
        if declaration.project not in drafts_of:
            own.append(_TreeDraft(tree_name(declaration.project), declaration.origin, own=True))
            drafts_of[declaration.project] = [own[-1]]
        for draft in drafts_of[declaration.project]:
            draft.declarations.append(replace(declaration, requirement=without_url(declaration.requirement)))
    return own


def _aliases(tables: Mapping[str, AliasTable]) -> list[_TreeDraft]:
    drafts = []
    for name, table in tables.items():
        at = Origin(("tool", "mvlock", "alias", name))
        declarations = [Declaration(without_url(requirement), at) for requirement in alias_requirements(table)]
        drafts.append(_TreeDraft(name, at, declarations, alias=table))
    return drafts


def _apply_settings(tables: Mapping[str, TreeTable], drafts: list[_TreeDraft], problems: Problems) -> None:
    by_name = {draft.name: draft for draft in drafts}
    settings_of: dict[str, str] = {}
    for table_name, table in tables.items():
        at = key_path(["tool", "mvlock", "trees", table_name])
        draft = by_name.get(table_name) or by_name.get(tree_name(table_name))
        if draft is None:
            text = f"has no requirements, and no dependency makes a tree '{tree_name(table_name)}'"
            problems.add("tree-missing", at, text + did_you_mean(tree_name(table_name), by_name))
        elif settings_of.setdefault(draft.name, at) != at:
            problems.add("tree-name-clash", at, f"means the same tree as {settings_of[draft.name]}")
        else:
            draft.settings, draft.settings_key = table, ("tool", "mvlock", "trees", table_name)


def _check_limits(drafts: Iterable[_TreeDraft], problems: Problems) -> None:
    for draft in drafts:
        if draft.alias and draft.alias.exclude_newer and draft.settings.exclude_newer:
            text = f"is set in {key_path(draft.settings_key)}, too"
            problems.add("setting-twice", f"{draft.key}.exclude-newer", text)


def _check_exclusions(requests: Iterable[TreeRequest], problems: Problems) -> None:
    for exclusion, required in (pair for tree in requests for pair in product(tree.exclusions, tree.requirements)):
        if exclusion.project == required.project:
            text = f"'{exclusion.project}' cannot be left out: {required.origin} requires it"
            problems.add("excluded-required", str(exclusion.origin), text)


def _check_names(drafts: list[_TreeDraft], problems: Problems) -> None:
    seen: dict[str, _TreeDraft] = {}
    for draft in drafts:
        _check_name(draft, problems)
        other = seen.setdefault(draft.name.casefold(), draft)
        if other is not draft:
            problems.add("tree-name-clash", str(draft.key), _clash(draft, other))


def _check_name(draft: _TreeDraft, problems: Problems) -> None:
    if not draft.name.isidentifier() or keyword.iskeyword(draft.name):
        advice = "" if draft.key.is_setting else "; name a tree for it in [tool.mvlock.trees]"
        problems.add("tree-name-invalid", str(draft.key), f"'{draft.name}' is not a Python identifier{advice}")
    elif draft.name in RESERVED or (draft.alias and draft.name in sys.stdlib_module_names):
        owner = "mvlock itself" if draft.name in RESERVED else "the standard library"
        problems.add("tree-name-invalid", str(draft.key), f"'{draft.name}' is a name of {owner}")


def _clash(draft: _TreeDraft, other: _TreeDraft) -> str:
    text = f"a second tree with the name '{draft.name}', after {_origin_text(other)}"
    if other.key.keys[:3] == ("tool", "mvlock", "trees") and not draft.key.is_setting:
        text += f"; add '{draft.declarations[0].project}' to its requirements to put it there"
    return text


def _origin_text(draft: _TreeDraft) -> str:
    """Where a tree comes from, with the requirement that gives it its name, if there is one."""
    declarations = [declaration for declaration in draft.declarations if declaration.origin == draft.key]
    return f'"{declarations[0].requirement}" ({draft.key})' if declarations and not draft.alias else str(draft.key)


def _tree_request(draft: _TreeDraft, required: set[NormalizedName], settings: MvlockTable) -> TreeRequest:
    requiring = [
        declaration for declaration in draft.declarations if draft.alias or not _only_assigns(declaration, required)
    ]
    always, groups, extras = _required_by(requiring)
    wishes = _wishes(requiring)
    table = draft.settings
    peers = settings.peers if table.peers is None else table.peers
    exclude_newer = (draft.alias and draft.alias.exclude_newer) or table.exclude_newer
    has_own_rules = (
        table.constraints or table.overrides or table.exclude_dependencies or table.prereleases or exclude_newer
    )
    return TreeRequest(
        name=draft.name,
        requirements=_sorted_unique(draft.declarations),
        constraints=_entries_for("constraints", settings.constraints, table.constraints, draft),
        overrides=_entries_for("overrides", *_replaced(settings.overrides, table.overrides), draft),
        exclusions=_entries_for(
            "exclude-dependencies", settings.exclude_dependencies, table.exclude_dependencies, draft
        ),
        prereleases=Prereleases(table.prereleases or settings.prereleases),
        groups=groups,
        extras=extras,
        always=always,
        wishes=wishes,
        joinable=not wishes and settings.isolate == "conflicts" and draft.own and not draft.settings_key,
        is_solved_jointly=peers and not draft.alias and not has_own_rules,
        alias=draft.name if draft.alias else None,
        module=draft.alias.module if draft.alias else None,
        alias_project=draft.declarations[0].project if draft.alias else None,
        exclude_newer=exclude_newer,
        share=sharing(settings.share, table.share),
        peers=peers,
    )


def _sorted_unique(declarations: Iterable[Declaration]) -> tuple[Declaration, ...]:
    """Sorted by text; among equal declarations, the first."""
    first: dict[str, Declaration] = {}
    for declaration in declarations:
        first.setdefault(str(declaration), declaration)
    return tuple(first[text] for text in sorted(first))


def _required_by(requiring: list[Declaration]) -> tuple[bool, frozenset[NormalizedName], frozenset[NormalizedName]]:
    """Whether the tree is always installed, else the groups and extras that require it."""
    if any(declaration.group is None and declaration.extra is None for declaration in requiring):
        return True, frozenset(), frozenset()
    groups = frozenset(declaration.group for declaration in requiring if declaration.group is not None)
    return False, groups, frozenset(declaration.extra for declaration in requiring if declaration.extra is not None)


def _wishes(requiring: list[Declaration]) -> tuple[Wish, ...]:
    """The groups and extras that require the tree, and where; empty if it is in the same environments for all.

    In that case the markers of the tree's members already say so.
    """
    markers: dict[tuple[str, str], set[str]] = {}
    for declaration in requiring:
        texts = markers.setdefault((declaration.group or "", declaration.extra or ""), set())
        texts.add(str(declaration.requirement.marker) if declaration.requirement.marker else "")
    where = {key: None if "" in texts else _any_of(texts) for key, texts in markers.items()}
    if len(set(where.values())) < 2 or where.get(("", ""), "") is None:
        return ()
    return tuple(
        Wish(NormalizedName(group) if group else None, NormalizedName(extra) if extra else None, where[group, extra])
        for group, extra in sorted(where)
    )


def _any_of(markers: set[str]) -> str:
    return str(reduce(or_, map(Marker, sorted(markers))))


def _only_assigns(declaration: Declaration, required: set[NormalizedName]) -> bool:
    return declaration.origin.is_setting and declaration.project in required


def _entries_for(
    key: str, common: Iterable[Requirement | None], own: Iterable[Requirement], draft: _TreeDraft
) -> tuple[Declaration, ...]:
    """What one tree has under a key, common entries included; None stands for a common one that is replaced."""
    everywhere, here = ("tool", "mvlock", key), (*draft.settings_key, key)
    declarations = [
        Declaration(requirement, Origin(everywhere, index))
        for index, requirement in enumerate(common)
        if requirement is not None
    ]
    return _sorted_unique(
        [*declarations, *(Declaration(requirement, Origin(here, index)) for index, requirement in enumerate(own))]
    )


def _replaced(
    common: Iterable[Requirement], own: tuple[Requirement, ...]
) -> tuple[list[Requirement | None], tuple[Requirement, ...]]:
    """An override of one tree replaces the common ones of the same project."""
    names = {canonicalize_name(requirement.name) for requirement in own}
    return [None if canonicalize_name(requirement.name) in names else requirement for requirement in common], own


def sharing(common: ShareTable, own: ShareTable | None = None) -> Sharing:
    """The setting of one tree: what ``own`` leaves out is taken from ``common``, without projects that ``own`` names.

    A tree that shares nothing does not take the ``always`` projects of ``common`` either.
    """
    own = own or ShareTable()
    always, never = _projects(own.always), _projects(own.never)
    keeps_common = own.always is None and own.mode != ShareMode.NONE.value
    return Sharing(
        ShareMode(own.mode or common.mode or ShareMode.IDENTICAL.value),
        _projects(common.always) - never if keeps_common else always,
        _projects(common.never) - always if own.never is None else never,
    )


def _projects(names: Iterable[str] | None) -> frozenset[NormalizedName]:
    return frozenset(canonicalize_name(name) for name in names or ())
