#!/usr/bin/env python3
"""Has trimesh read PLY, GLB and OBJ files that this project wrote, and says what is in them.

    build/check-written/python/bin/python scripts/check-3d.py lotus-output/*.ply lotus-output/*.glb lotus-core/target/check-3d/closed.*

after scripts/check-written, which installs it.

A file called closed.* must be watertight, and its faces must look outward. Exits with 1 if a file cannot be read, is empty,
has numbers that are not finite, or faces without corners.
"""
import sys
from pathlib import Path

import numpy as np
import trimesh


def colours_of(shape):
    if isinstance(shape, trimesh.PointCloud):
        return shape.colors
    if isinstance(shape.visual, trimesh.visual.TextureVisuals):  # how trimesh keeps a GLB's, beside its material
        return shape.visual.vertex_attributes.get("color")
    return shape.visual.vertex_colors


def check(path):
    shape = trimesh.load(path, process=False)
    if isinstance(shape, trimesh.Scene):
        (shape,) = shape.geometry.values()
    points = np.asarray(shape.vertices)
    assert len(points) and np.isfinite(points).all(), "no points, or not finite"
    said = f"{len(points)} points"
    colours = colours_of(shape)
    if colours is not None and len(colours):
        assert len(colours) == len(points), "not a colour for each point"
        said += f", colours {np.asarray(colours)[:, :3].mean(axis=0).round(1).tolist()}"
    if isinstance(shape, trimesh.Trimesh):
        assert len(shape.faces) and shape.faces.max() < len(points), "no faces, or corners that are not there"
        said += f", {len(shape.faces)} faces, watertight {shape.is_watertight}"
        if "vertex_normals" in shape._cache.cache:
            normals = shape.vertex_normals
            assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-4), "normals not of unit length"
            used = shape.faces[shape.area_faces > 0]
            cosines = (shape.face_normals[shape.area_faces > 0] * normals[used[:, 0]]).sum(axis=1)
            said += f", normals, at {np.degrees(np.arccos(np.median(cosines.clip(-1, 1)))):.1f} degrees to their faces"
        if Path(path).stem == "closed":
            assert shape.is_watertight and shape.is_winding_consistent and shape.volume > 0, "not closed outward"
    return said


failures = 0
for each in sys.argv[1:]:
    try:
        print(f"{each}: {check(each)}")
    except Exception as e:  # whatever a reader trips over
        failures += 1
        print(f"{each}: FAILED, {e}")
print(f"trimesh {trimesh.__version__}: {len(sys.argv) - 1 - failures} of {len(sys.argv) - 1} read")
sys.exit(failures > 0 or len(sys.argv) < 2)
