package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;

/** The output tiles of a batch of images, cut into bands, each a rectangle of tiles of one image. */
final class WinogradTiles {
    /** Tiles that are read together: their pixels, of some channels, stay in the second-level cache. */
    private static final int PATCH_TILES = 24;

    private final int down;
    private final int across;
    private final int images;
    private final int height; // of the largest band
    private final int width;
    private final int bandsDown;
    private final int bandsAcross;
    private final int patchesOfBand;

    /** A rectangle of tiles of one image. */
    record Block(int image, int row, int column, int height, int width) {
        int tiles() {
            return height * width;
        }

        /** Of one of its tiles, counted row by row. */
        int number(int tileRow, int tileColumn) {
            return (tileRow - row) * width + tileColumn - column;
        }
    }

    private WinogradTiles(int images, int down, int across, int height, int width) {
        this.images = images;
        this.down = down;
        this.across = across;
        this.height = Math.min(height, down);
        this.width = Math.min(width, across);
        bandsDown = Math.ceilDiv(down, height);
        bandsAcross = Math.ceilDiv(across, width);
        patchesOfBand = Math.ceilDiv(this.width, Math.max(1, PATCH_TILES / this.height));
    }

    /**
     * In bands of whole rows.
     *
     * @param side pixels of a tile, each way
     * @param most tiles of a band, if a row of tiles has no more
     */
    static WinogradTiles inRows(Shape out, int side, int most) {
        int down = Math.ceilDiv(out.h(), side);
        int across = Math.ceilDiv(out.w(), side);
        int bands = Math.ceilDiv(down, Math.max(1, most / across));
        return new WinogradTiles(out.n(), down, across, Math.ceilDiv(down, bands), across);
    }

    /** In bands as high as a panel of rows, so that panels have no remainder. */
    static WinogradTiles inStrips(Shape out, int side, int height, int width) {
        int down = Math.ceilDiv(out.h(), side);
        int across = Math.ceilDiv(out.w(), side);
        return new WinogradTiles(out.n(), down, across, height, width);
    }

    int bands() {
        return images * bandsDown * bandsAcross;
    }

    /** The largest band's tiles. */
    int most() {
        return height * width;
    }

    /** The height of the largest band. */
    int rows() {
        return height;
    }

    /** The width of the largest patch. */
    int columns() {
        return Math.ceilDiv(width, patchesOfBand);
    }

    Block band(int index) {
        int row = index / bandsAcross % bandsDown * height;
        int column = index % bandsAcross * width;
        return new Block(
                index / bandsAcross / bandsDown,
                row,
                column,
                Math.min(height, down - row),
                Math.min(width, across - column));
    }

    /** Into how many patches a band is cut, from left to right. */
    int patches() {
        return patchesOfBand;
    }

    Block patch(Block band, int index) {
        int begin = band.width * index / patchesOfBand;
        int end = band.width * (index + 1) / patchesOfBand;
        return new Block(band.image, band.row, band.column + begin, band.height, end - begin);
    }
}
