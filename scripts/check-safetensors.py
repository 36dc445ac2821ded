#!/usr/bin/env python3
"""Has our reader and the format's own read thousands of generated safetensors files, good and bad, and compares verdicts and contents.

    python3 -m venv build/safetensors && build/safetensors/bin/pip install numpy==2.4.6 safetensors==0.8.0
    build/safetensors/bin/python scripts/check-safetensors.py [--count 12000] [--seed 1] [--offline] [--report FILE]

Each file comes of the seed, its number and its kind alone (safetensors_files.py). Where the readers differ, one of REASONS must hold of
our message and of the file; if none does, or ours reads what the other refuses, the file is kept in build/check-safetensors.
Exits with 1 if there is such a file, 77 if packages are missing.
"""
import argparse
import collections
import datetime
import json
import os
import platform
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from safetensors_files import BITS, KINDS, Pairs, file_of, tensors

try:
    import numpy as np
    import safetensors
except ImportError as e:
    print(f"check-safetensors was NOT RUN: {e}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build/check-safetensors"
OUTCOMES = ["both read", "both refuse", "ours stricter", "ours laxer", "contents differ", "crashed"]


def has_twice(value):
    if isinstance(value, Pairs):
        keys = [key for key, _ in value]
        return len(set(keys)) < len(keys) or any(has_twice(each) for _, each in value)
    return isinstance(value, list) and any(map(has_twice, value))


def any_shape(header, condition):
    return any(isinstance(fields, Pairs) and condition(dict(fields)["shape"]) for fields in tensors(header))


# Why ours may refuse what the format's own reader accepts: what our message must say, and what the file must be.
REASONS = [
    ("a key twice, which the format's text forbids", "Duplicate field '", lambda text, header: has_twice(header)),
    ("white space before the brace with which the format's text has a header begin", r"does not start with '\{'$",
     lambda text, header: re.match(r"[ \t\r\n]+\{", text)),
    ("a tensor as a list of three, where the format's text has an object", "is described by a list, expected an object$",
     lambda text, header: any(not isinstance(each, Pairs) and len(each) == 3 for each in tensors(header))),
    ("a dtype as an object, where the format's text has a string", r'has dtype \{"\w+":null\}, expected a string$',
     lambda text, header: any(isinstance(each, Pairs) and isinstance(dict(each)["dtype"], Pairs) for each in tensors(header))),
    ("a dimension above 2³¹ − 1: not supported, and in a small file only beside a 0", r"has shape .* not supported$|has \d{19,} in shape",
     lambda text, header: any_shape(header, lambda shape: 0 in shape and max(shape) >= 2**31)),
    ("more than 64 dimensions: not supported, nor by numpy", r"has \d\d dimensions, expected at most 64$",
     lambda text, header: any_shape(header, lambda shape: len(shape) > 64)),
    ("dimensions whose product is above 2⁶³ − 1 before a 0 makes it 0", r"the size of tensor .* overflows$",
     lambda text, header: any_shape(header, lambda shape: 0 in shape and np.prod([float(n) for n in shape if n]) > 2.0**63)),
    ("a number of more than 1,000 digits, in a field to ignore", "Number value length .* exceeds the maximum",
     lambda text, header: re.search(r"\d{1001}", text)),
]  # fmt: skip


def reason(message, content):
    """Of a file that the format's own reader accepts."""
    text = content[8 : 8 + struct.unpack_from("<Q", content)[0]].decode()
    header = json.loads(text, object_pairs_hook=Pairs)
    return next((name for name, said, holds in REASONS if re.search(said, message) and holds(text, header)), None)


def floats_of(dtype, data):
    """The checksum of the values as floats, every NaN as one; nothing for types that are not converted."""
    if dtype not in ("F32", "F16", "BF16", "F64"):
        return None
    with np.errstate(over="ignore"):  # F64 becomes infinite
        if dtype == "BF16":
            floats = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
        else:
            floats = np.frombuffer(data, f"<f{BITS[dtype] // 8}").astype("<f4")
    return zlib.crc32(np.where(np.isnan(floats), np.float32(np.nan), floats).astype("<f4").tobytes())


def theirs_of(path):
    """Tensors, the order of those that have bytes, and metadata; nothing if refused."""
    try:
        with safetensors.safe_open(path, framework="np") as file:
            order, metadata = file.offset_keys(), file.metadata() or {}
    except safetensors.SafetensorError:
        return None
    found = dict(safetensors.deserialize(path.read_bytes()))  # through numpy, types that it lacks could not be read
    read = {name: [t["dtype"], t["shape"], zlib.crc32(t["data"]), floats_of(t["dtype"], t["data"])] for name, t in found.items()}
    return read, [name for name in order if found[name]["data"]], metadata


def ours_of(verdict):
    read = {t["name"]: [t["dtype"], t["shape"], t["bytes"], t.get("floats")] for t in verdict["tensors"]}
    return read, [t["name"] for t in verdict["tensors"] if 0 not in t["shape"]], verdict["metadata"]


def outcome(verdict, theirs):
    if "crashed" in verdict:
        return "crashed"
    if "refused" in verdict:
        return "ours stricter" if theirs else "both refuse"
    if not theirs:
        return "ours laxer"
    return "both read" if ours_of(verdict) == theirs else "contents differ"


def verdicts(folder, java, offline):
    maven = ["mvn", "-B", "-q", *["-o"] * offline, "-Dexamples=false", "-DskipTests", "-pl", "lotus-weights", "-am", "package"]
    path = ["dependency:build-classpath", "-DincludeScope=test", "-Dmdep.outputFile=target/test-classpath"]
    subprocess.run(maven + path, cwd=ROOT, check=True)
    target = ROOT / "lotus-weights/target"
    classes = os.pathsep.join([str(target / "classes"), str(target / "test-classes"), (target / "test-classpath").read_text()])
    run = [java, "-Xmx1g", "-cp", classes, "io.github.lotus4j.weights.SafetensorsVerdicts", str(folder)]
    lines = subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout.splitlines()  # of text, would split at U+2028
    return {verdict["file"]: verdict for verdict in map(json.loads, lines)}


def table(heads, rows):
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def first_line(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]


def known_to_the_package():
    """Types that it lists when it meets an unknown one."""
    header = b'{"a":{"dtype":"?","shape":[1],"data_offsets":[0,1]}}'
    try:
        safetensors.deserialize(struct.pack("<Q", len(header)) + header + b"1")
    except safetensors.SafetensorError as e:
        return set(re.findall(r"`(\w+)`", str(e)))


def compared(files, ours):
    """Files by kind and outcome, files by reason, and what there is no reason for."""
    counts, reasons, unexplained = collections.Counter(), collections.Counter(), []
    for path, kind in files.items():
        verdict, theirs = ours[path.name], theirs_of(path)
        found = outcome(verdict, theirs)
        counts[kind, found] += 1
        why = reason(verdict["refused"], path.read_bytes()) if found == "ours stricter" else None
        if why:
            reasons[why] += 1
        elif found not in ("both read", "both refuse") or (kind == "good" and not theirs):  # or the generator is at fault
            KEPT.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, KEPT)
            unexplained.append(f"{path.name}, {kind}: {found}\n  ours {str(verdict)[:400]}\n  theirs {str(theirs)[:400]}")
    return counts, reasons, unexplained


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--offline", action="store_true", help="have Maven fetch nothing")
    parser.add_argument("--report", type=Path)
    chosen = parser.parse_args()
    assert known_to_the_package() == set(BITS), f"the package knows the types {known_to_the_package()}"
    shutil.rmtree(KEPT, ignore_errors=True)
    java = first_line(ROOT / "lotus", "--which-java")
    with tempfile.TemporaryDirectory() as place:
        files = {Path(place) / f"{i:06}.safetensors": KINDS[i % len(KINDS)] for i in range(chosen.count)}
        for i, (path, kind) in enumerate(files.items()):
            path.write_bytes(file_of(kind, random.Random(f"{chosen.seed}/{i}")))
        counts, reasons, unexplained = compared(files, verdicts(place, java, chosen.offline))
    rows = [[kind, *(counts[kind, each] for each in OUTCOMES)] for kind in dict.fromkeys(KINDS)]
    rows.append(["all", *(sum(column) for column in list(zip(*rows))[1:])])
    report = f"""# safetensors files, read by ours and by the format's own reader

{datetime.date.today()}: {chosen.count:,} files from seed {chosen.seed}; Lotus on {first_line(java, "--version")}, safetensors
{safetensors.__version__} on Python {platform.python_version()} with numpy {np.__version__}. Unexplained differences: {len(unexplained)}.

{table(["files", *OUTCOMES], rows)}

"Both read" means the same tensors (names, types, shapes, bytes, values as floats, order) and the same metadata. Why ours is stricter:

{table(["reason", "files"], [[name, reasons[name]] for name, _, _ in REASONS])}
"""
    print(report, *unexplained, sep="\n")
    if chosen.report:
        chosen.report.write_text(report)
    return len(unexplained) > 0


sys.exit(main())
