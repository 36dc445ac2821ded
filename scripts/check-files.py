#!/usr/bin/env python3
"""Has ./lotus write a scene's depth and normals in every format, and reads the files with numpy, Pillow and tifffile.

    build/check-written/python/bin/python scripts/check-files.py

after scripts/check-written, which installs them.

Every value is compared with the NPY file's, and what every file says of itself with what the others say. Then the scene is given
as TIFF files of several sorts, which must come out as the PNG did. Exits with 1 if a check fails, 77 if packages are missing.
scripts/check-3d.py looks at meshes, scripts/check-viewer.py at pages.
"""
import html
import json
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy as np
    import tifffile
    from PIL import Image, __version__ as pillow_version
except ImportError as e:
    print(f"check-files was NOT RUN: {e}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parent.parent
SCENE = ROOT / "lotus-nano/scenes/scene-6.png"
FORMATS = "npy,npz,tiff,png,preview,ply,glb,obj,html"
CHECKPOINTS = {"depth": "lotus-nano-disparity-d", "normal": "lotus-nano-normal-d"}

failures = []


def check(name, passed, found=""):
    print(f"{'ok    ' if passed else 'FAILED'} {name}{f' ({found})' if found != '' else ''}")
    if not passed:
        failures.append(name)


def lotus(command, image, out, *options):
    words = [ROOT / "lotus", command, image, "--output", out, *options]
    run = subprocess.run(list(map(str, words)), capture_output=True, text=True)
    check(f"lotus {command} {image.name} {' '.join(options)}", run.returncode == 0, run.stderr.strip() if run.returncode else "")


def texts_of_png(path):
    with Image.open(path) as image:
        image.load()
        return dict(image.text)


def check_origin(path, said, what):
    """That the metadata are of this checkpoint, and complete."""
    size = said.get("processing_size", "")
    complete = re.fullmatch(r"[0-9a-f]{64}", said.get("checkpoint_fingerprint", "")) and re.fullmatch(r"\d+x\d+", size)
    software = said.get("software", said.get("Software", ""))
    named = said.get("checkpoint") == CHECKPOINTS[what] and software.startswith("Lotus for Java ")
    check(f"{path.name} says what made it", complete and named, f"{software}, {said.get('checkpoint')}, {size}, {said.get('kind')}")
    return said.get("checkpoint_fingerprint")


def check_map(out, what, shape):
    """A map's NPY, TIFF and PNG."""
    values = np.load(out / f"scene-6_{what}.npy")
    check(f"scene-6_{what}.npy", values.dtype == np.float32 and values.shape == shape and np.isfinite(values).all(), values.shape)
    fingerprints = set()
    tiff = out / f"scene-6_{what}.tiff"
    with tifffile.TiffFile(tiff) as file:
        page = file.pages[0]
        check(f"{tiff.name} by tifffile", page.dtype == np.float32 and np.array_equal(page.asarray(), values), page.shape)
        said = json.loads(page.description)
        check(f"{tiff.name} names its software", page.tags["Software"].value == said["software"])
        fingerprints.add(check_origin(tiff, said, what))
    if values.ndim == 2:  # Pillow knows no floating point in three channels
        with Image.open(tiff) as image:
            check(f"{tiff.name} by Pillow", np.array_equal(np.asarray(image), values), image.mode)
    png = out / f"scene-6_{what}.png"
    with Image.open(png) as image:
        pixels = np.asarray(image).astype(float)
    if what == "depth":
        check(f"{png.name} by Pillow", np.abs(pixels - 65535 * values.astype(float)).max() <= 0.51)
    else:  # in 8 bits, of vectors that are only about of unit length
        vectors = pixels / 127.5 - 1
        vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
        degrees = np.degrees(np.arccos(np.clip((vectors * values).sum(axis=-1), -1, 1)))
        check(f"{png.name} by Pillow", degrees.max() < 1.5, f"{degrees.max():.2f} degrees off at most")
        check("normals are of unit length", np.abs(np.linalg.norm(values, axis=-1) - 1).max() < 1e-5)
    fingerprints.add(check_origin(png, texts_of_png(png), what))
    check(f"{what}: one fingerprint", len(fingerprints) == 1)
    return values


def check_archive(path, maps):
    with np.load(path, allow_pickle=False) as archive:
        names = sorted(name + end for name in maps for end in ("", "_metadata"))
        check(f"{path.name} holds its arrays", sorted(archive.files) == names, ", ".join(archive.files))
        for name, values in maps.items():
            check(f"{path.name}: {name}", archive[name].dtype == np.float32 and np.array_equal(archive[name], values))
            check_origin(path, json.loads(archive[f"{name}_metadata"].item()), name)


def check_colours(out, depth):
    lotus("depth", SCENE, out, "--format", "preview", "--colormap", "grey", "--range", "0.25,0.75")
    preview = out / "scene-6_depth_preview.png"
    with Image.open(preview) as image:
        grey = np.asarray(image)[..., 0].astype(int)
    expected = np.clip(np.floor((depth - np.float32(0.25)) / np.float32(0.5) * 256), 0, 255)
    check(f"{preview.name} in grey, of 0.25 to 0.75", np.array_equal(grey, expected))
    said = texts_of_png(preview)
    check(f"{preview.name} says so", said.get("colormap") == "grey" and said.get("range") == "0.25,0.75", said.get("encoding"))


def said_by_shape(path):
    content = path.read_bytes()
    if path.suffix == ".glb":
        (length,) = struct.unpack_from("<I", content, 12)
        return json.loads(content[20 : 20 + length])["asset"]["extras"]
    if path.suffix == ".html":
        pairs = re.findall(r'<meta name="lotus:(\w+)" content="([^"]*)">', content.decode())
        software = re.search(r'<meta name="generator" content="([^"]*)">', content.decode()).group(1)
        return {"software": software, **{name: html.unescape(value) for name, value in pairs}}
    mark = b"comment " if path.suffix == ".ply" else b"# "
    lines = [line.removeprefix(mark).decode("ascii") for line in content.split(b"\n")[:40] if line.startswith(mark)]
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def check_shapes(out, kind):
    for suffix in ("ply", "glb", "obj", "html"):
        path = out / f"scene-6_{kind}.{suffix}"
        said = said_by_shape(path)
        if kind == "geometry":
            for what, prefix in (("depth", "depth_"), ("normal", "normals_")):
                own = {name.removeprefix(prefix): value for name, value in said.items()}
                check_origin(path, own, what)
        else:
            check_origin(path, said, kind)


def check_sorts_of_tiff(out, depth):
    """The scene as other programs write it."""
    with Image.open(SCENE) as image:
        rgb = np.asarray(image.convert("RGB"))
    turned = np.rot90(rgb)  # which orientation 6 turns back, to the right
    sorts = {
        "plain": (rgb, {}),
        "tiles": (rgb, {"tile": (32, 48)}),
        "planes": (np.moveaxis(rgb, -1, 0), {"planarconfig": "separate"}),
        "big": (rgb, {"bigtiff": True, "byteorder": ">"}),
        "turned": (turned, {"extratags": [(274, 3, 1, 6, True)]}),
        "turned-big": (turned, {"bigtiff": True, "extratags": [(274, 3, 1, 6, True)]}),
        "bits16": (rgb.astype(np.uint16) * 257, {}),
        "deflated16": (rgb.astype(np.uint16) * 257, {"compression": "zlib"}),
        "float": ((rgb / 255).astype(np.float32), {}),
        "half": ((rgb / 255).astype(np.float16), {}),
    }
    folder = out / "sorts"
    folder.mkdir()
    for name, (values, options) in sorts.items():
        tifffile.imwrite(folder / f"{name}.tif", values, photometric="rgb", **options)
    lotus("depth", folder, out, "--format", "npy")
    for name in sorts:
        check(f"{name}.tif comes out as the PNG", np.array_equal(np.load(out / f"{name}_depth.npy"), depth))


def check_no_path(out):
    places = [str(ROOT).encode(), str(out).encode(), tempfile.gettempdir().encode() + b"/", b"lotus-nano/"]
    naming = [path.name for path in sorted(out.glob("scene-6*")) if any(place in path.read_bytes() for place in places)]
    check("no file names a path", not naming, ", ".join(naming))


with tempfile.TemporaryDirectory() as place:
    out = Path(place)
    with Image.open(SCENE) as scene:
        height, width = scene.height, scene.width
    for command in ("depth", "normal", "geometry"):
        lotus(command, SCENE, out, "--format", FORMATS)
    depth = check_map(out, "depth", (height, width))
    normal = check_map(out, "normal", (height, width, 3))
    check_archive(out / "scene-6_depth.npz", {"depth": depth})
    check_archive(out / "scene-6_normal.npz", {"normal": normal})
    check_archive(out / "scene-6_geometry.npz", {"depth": depth, "normal": normal})
    for kind in ("depth", "normal", "geometry"):
        check_shapes(out, kind)
    check_no_path(out)
    check_colours(out, depth)
    check_sorts_of_tiff(out, depth)
print(f"numpy {np.__version__}, Pillow {pillow_version}, tifffile {tifffile.__version__}: {len(failures)} checks failed")
sys.exit(len(failures) > 0)
