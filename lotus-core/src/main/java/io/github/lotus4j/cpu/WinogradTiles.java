package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;

/** The output tiles of a batch of images, cut into bands, each some whole rows of tiles of one image. */
final class WinogradTiles {
    /** Tiles that are read together: their pixels, of some channels, stay in the second-level cache. */
    private static final int PATCH_TILES = 24;

    private final int down;
    private final int across;
    private final int images;
    private final int bandsOfImage;
    private final int patchesOfBand;

    /** A rectangle of tiles of one image. */
    record Block(int image, int row, int column, int height, int width) {
        int tiles() {
            return height * width;
        }
    }

    /**
     * @param side pixels of a tile, each way
     * @param most tiles of a band, if a row of tiles has no more
     */
    WinogradTiles(Shape out, int side, int most) {
        down = Math.ceilDiv(out.h(), side);
        across = Math.ceilDiv(out.w(), side);
        images = out.n();
        int rows = Math.clamp(most / across, 1, down);
        bandsOfImage = Math.ceilDiv(down, rows);
        int height = Math.ceilDiv(down, bandsOfImage);
        patchesOfBand = Math.ceilDiv(across, Math.max(1, PATCH_TILES / height));
    }

    int bands() {
        return images * bandsOfImage;
    }

    /** The largest band's tiles. */
    int most() {
        return Math.ceilDiv(down, bandsOfImage) * across;
    }

    /** The largest band's tiles, and as many more as the kernels compute along. */
    int rowsOfBand() {
        return Math.ceilDiv(most(), Kernels.ROWS) * Kernels.ROWS;
    }

    /** The height of the largest band. */
    int rows() {
        return Math.ceilDiv(down, bandsOfImage);
    }

    /** The width of the largest patch. */
    int columns() {
        return Math.ceilDiv(across, patchesOfBand);
    }

    Block band(int index) {
        int band = index % bandsOfImage;
        int row = down * band / bandsOfImage;
        return new Block(index / bandsOfImage, row, 0, down * (band + 1) / bandsOfImage - row, across);
    }

    /** Into how many patches a band is cut, from left to right. */
    int patches() {
        return patchesOfBand;
    }

    Block patch(Block band, int index) {
        int column = across * index / patchesOfBand;
        int width = across * (index + 1) / patchesOfBand - column;
        return new Block(band.image, band.row, column, band.height, width);
    }
}
