"""Compares two JUnit reports of one suite: whatever passed with all programs passes without them, or says which one it needs.

python .ci/lost.py WHOLE.xml BARE.xml
"""

import sys
import xml.etree.ElementTree as ET


def outcomes(path):
    """Test to what became of it: passed, or the kind and first line of what did not."""
    found = {}
    for case in ET.parse(path).getroot().iter("testcase"):  # noqa: S314 - a report of our own
        told = next((child for child in case if child.tag in {"skipped", "failure", "error"}), None)
        outcome = "passed" if told is None else f"{told.tag}: {(told.get('message') or '').splitlines()[:1]}"
        found[f"{case.get('classname')}.{case.get('name')}"] = outcome
    return found


def main():
    whole, bare = map(outcomes, sys.argv[1:])
    passed = [name for name, outcome in whole.items() if outcome == "passed"]
    excused = [name for name in passed if bare.get(name, "").startswith("skipped") and "needs " in bare[name]]
    lost = [name for name in passed if bare.get(name) != "passed" and name not in set(excused)]
    for name in lost:
        print(f"lost: {name}: {bare.get(name, 'not run')}")
    print(f"{len(passed)} passed with all programs; without them {len(excused)} were skipped for their sake, {len(lost)} lost")
    if not excused:
        print("no test missed a program: the second run was no bare one")
    return 1 if lost or not excused else 0


if __name__ == "__main__":
    sys.exit(main())
