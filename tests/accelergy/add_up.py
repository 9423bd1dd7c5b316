"""Adds action counts times energies, as a reader of Python's YAML types sees the three files.

add_up.py architecture.yaml ERT.yaml action_counts.yaml: prints picojoules.
"""
import re
import sys

import yaml


def components(node, prefix):
    """Full names of the components of an architecture, with their classes."""
    for local in node.get("local", []):
        yield prefix + local["name"], local["class"]
    for subtree in node.get("subtree", []):
        yield from components(subtree, prefix + subtree["name"] + ".")


def base(name):
    return re.sub(r"\[[^\]]*\]", "", name)


architecture, ert, counts = (yaml.safe_load(open(path)) for path in sys.argv[1:4])
for content in (architecture["architecture"], ert["ERT"], counts["action_counts"]):
    assert content["version"] == 0.4, content["version"]
described = dict(components(architecture["architecture"], ""))

energies = {}
for table in ert["ERT"]["tables"]:
    assert table["name"] in described, table["name"]
    for action in table["actions"]:
        assert isinstance(action["energy"], float), action
        arguments = frozenset((action["arguments"] or {}).items())
        energies.setdefault((base(table["name"]), action["name"], arguments), action["energy"])

total = 0.0
for component in counts["action_counts"]["local"]:
    assert component["name"] in described, component["name"]
    for action in component["action_counts"]:
        assert isinstance(action["counts"], int), action
        arguments = frozenset(action.get("arguments", {}).items())
        total += action["counts"] * energies[base(component["name"]), action["name"], arguments]
print(repr(total))
