package io.github.lotus4j.geometry;

import io.github.lotus4j.NormalMap;
import io.github.lotus4j.error.LotusException;

/** Whether there is a normal for each depth. */
final class NormalSize {
    private NormalSize() {}

    static void require(String what, NormalMap normals, int width, int height) {
        if (normals.width() != width || normals.height() != height) {
            throw new LotusException("%s: found normals of %d×%d pixels, expected %d×%d as the depth has"
                    .formatted(what, normals.width(), normals.height(), width, height));
        }
    }
}
