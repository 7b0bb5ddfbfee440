"""The generated index: the same each time, and installable."""

from __future__ import annotations

from benchmarks.universe import Project, Published, Universe, requirements, wheel


def _all(universe: Universe) -> dict[str, list[bytes]]:
    return {one.name: [wheel(one, release)[1] for release in one.releases] for one in universe}


def _closure(project: Project, release: Published) -> dict[str, Published]:
    """What the newest consistent moment has of all that a release needs."""
    for tick in range(release.tick, -1, -1):
        found = {project.name: release}
        queue = [release]
        while queue:
            for bound in queue.pop().bounds:
                number = bound.project.number(tick)
                if number < bound.first or (bound.last is not None and number > bound.last):
                    break
                if bound.project.name not in found:
                    found[bound.project.name] = bound.project.releases[number]
                    queue.append(bound.project.releases[number])
            else:
                continue
            break
        else:
            return found
    raise AssertionError(f"{project.name} {release.version} cannot be installed")


def test_equal_options_give_equal_bytes() -> None:
    assert _all(Universe(2)) == _all(Universe(2))


def test_an_application_is_the_beginning_of_a_larger_one() -> None:
    assert requirements(Universe(20).tops[:5]) == requirements(Universe(5).tops)


def test_every_release_can_be_installed_by_itself() -> None:
    for project in Universe(6):
        for release in project.releases:
            assert _closure(project, release)
