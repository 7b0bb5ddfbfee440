"""Many threads, all trees at once: no wrong version, no error, no deadlock."""

from __future__ import annotations

from tests.support.trees import TreeWorld


def test_lazy_imports_of_two_trees_in_many_threads(world: TreeWorld) -> None:
    lazy = "import importlib\ndef use(n):\n    m = importlib.import_module(f'lib.m{n}')\n    import lib\n    from lib import shared\n    return m.who + lib.who + shared.who\n"
    for name in ("a", "b"):
        many = {f"lib/m{n}.py": f"from . import shared\nimport lib.m{n + 1}\nwho = {name!r}\n" for n in range(40)}
        rest = {"lib/__init__.py": f"who = {name!r}", "lib/shared.py": f"who = {name!r}", "lib/m40.py": ""}
        world.tree(name, {**many, **rest, f"use_{name}.py": lazy})
    world.expose(use_a="a", use_b="b")
    program = """
    import sys, threading, random
    import use_a, use_b
    sys.setswitchinterval(1e-6)
    wrong, start = [], threading.Barrier(16)
    def work(seed):
        order = random.Random(seed)
        start.wait()
        for _ in range(100):
            use, want = order.choice(((use_a, "aaa"), (use_b, "bbb")))
            try: got = use.use(order.randrange(40))
            except Exception as error: got = repr(error)
            if got != want: wrong.append((want, got))
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(wrong[:3])
    """
    assert world.run(program) == "[]"
