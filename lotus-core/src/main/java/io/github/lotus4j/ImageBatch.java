package io.github.lotus4j;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.ops.Shape;
import java.util.List;
import java.util.Objects;

/**
 * Images of one size, predicted together.
 *
 * @param shape [N, H, W, 3]
 */
record ImageBatch(List<RgbImage> images, Shape shape) {
    /** @throws LotusException if there are none, or they differ in size */
    static ImageBatch of(List<RgbImage> images) {
        if (images.isEmpty()) {
            throw new LotusException("a batch of no images, expected at least one");
        }
        for (int n = 0; n < images.size(); n++) {
            Objects.requireNonNull(images.get(n), "images: number " + (n + 1));
        }
        RgbImage first = images.getFirst();
        for (RgbImage image : images) {
            if (image.width() != first.width() || image.height() != first.height()) {
                throw new LotusException("images of a batch: found %d×%d beside %d×%d, expected one size"
                        .formatted(first.width(), first.height(), image.width(), image.height()));
            }
        }
        return new ImageBatch(images, new Shape(images.size(), first.height(), first.width(), 3));
    }

    /** Red, green, blue, unsigned, of the batch's shape. */
    byte[] pixels() {
        if (images.size() == 1) {
            return images.getFirst().pixels();
        }
        int length = 3 * shape.h() * shape.w();
        byte[] all = new byte[Math.multiplyExact(length, images.size())];
        for (int n = 0; n < images.size(); n++) {
            System.arraycopy(images.get(n).pixels(), 0, all, n * length, length);
        }
        return all;
    }
}
