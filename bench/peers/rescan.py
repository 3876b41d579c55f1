"""A peer of S2: walk a tree with `os.scandir` and compare every file's size and time with what was seen before.

`rescan.py remember TREE STATE` writes what it sees, `rescan.py compare TREE STATE` says what changed.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys


def walk(folder: str, seen: dict[str, tuple[int, int]]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                walk(entry.path, seen)
            else:
                stat = entry.stat(follow_symlinks=False)
                seen[entry.path] = (stat.st_size, stat.st_mtime_ns)


def main() -> None:
    gc.disable()  # half a million tuples, none of them garbage
    verb, tree, state = sys.argv[1:]
    seen: dict[str, tuple[int, int]] = {}
    walk(tree, seen)
    if verb == "remember":
        with open(state, "wb") as file:
            marshal.dump(seen, file)
        return
    with open(state, "rb") as file:
        known = marshal.load(file)
    changed = sum(known.get(path) != stat for path, stat in seen.items())
    print(changed, len(known.keys() - seen.keys()))


if __name__ == "__main__":
    main()
