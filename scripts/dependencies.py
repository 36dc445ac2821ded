#!/usr/bin/env python3
"""Writes DEPENDENCIES.md: what the library, its GPU backend and the command bring along, from their bills of materials (CycloneDX).

    mvn -Prelease -Dgpg.skip -DskipTests -Dexamples=false package
    scripts/dependencies.py

Those files, target/bom.json of each module, are also what scanners for known vulnerabilities read.
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = {"lotus-core": "library", "lotus-cuda": "GPU", "lotus-cli": "command"}

found = {}
for module in MODULES:
    bom = ROOT / module / "target/bom.json"
    if not bom.exists():
        sys.exit(f"{bom.relative_to(ROOT)} is not there: build with -Prelease first, as above")
    for each in json.loads(bom.read_text())["components"]:
        if each["group"] == "io.github.lotus4j":
            continue
        classifier = each["purl"].partition("classifier=")[2].partition("&")[0]
        key = (each["group"], each["name"], each["version"], classifier)
        found.setdefault(key, (each, []))[1].append(module)


def licences(component):
    names = [each.get("expression") or each["license"].get("id") or each["license"]["name"] for each in component.get("licenses", [])]
    return ", ".join(names) or "see the artifact"


def row(key, component, modules):
    group, name, version, classifier = key
    sha256 = next(each["content"] for each in component["hashes"] if each["alg"] == "SHA-256")
    brought = "all" if len(modules) == len(MODULES) else ", ".join(MODULES[each] for each in modules)
    return f"| {group}:{name}{':' + classifier if classifier else ''} | {version} | {licences(component)} | {brought} | `{sha256}` |"


rows = [row(key, *found[key]) for key in sorted(found)]
(ROOT / "DEPENDENCIES.md").write_text(
    "# Dependencies\n\n"
    "What comes along at run time: with `lotus-core` (library), `lotus-cuda` (GPU), and the command. Tests and benchmarks take more.\n"
    "`lotus-spark` brings of this what it is not Spark that has: jspecify.\n"
    "Licences are those that the bills of materials tell.\n"
    "Written by `scripts/dependencies.py`.\n\n"
    "| artifact | version | licence | brought by | SHA-256 |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
)
print(f"{len(rows)} dependencies, in DEPENDENCIES.md")
