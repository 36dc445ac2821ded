package io.github.lotus4j.cpu;

import io.github.lotus4j.ops.Shape;

/** The output tiles of a batch of images, cut into bands, each a rectangle of tiles of one image. */
final class WinogradTiles {
    /** Tiles that are read together: their pixels, of some channels, stay in the second-level cache. */
    private static final int PATCH_TILES = 24;

    private final int down;
    private final int across;
    private final int images;
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

    private WinogradTiles(Shape out, int side, int height, int width) {
        down = Math.ceilDiv(out.h(), side);
        across = Math.ceilDiv(out.w(), side);
        images = out.n();
        bandsDown = Math.ceilDiv(down, height);
        bandsAcross = Math.ceilDiv(across, width);
        patchesOfBand = Math.ceilDiv(columnsOfBand(), Math.max(1, PATCH_TILES / rows()));
    }

    /**
     * In bands of whole rows.
     *
     * @param side pixels of a tile, each way
     * @param most tiles of a band, if a row of tiles has no more
     */
    static WinogradTiles inRows(Shape out, int side, int most) {
        int across = Math.ceilDiv(out.w(), side);
        return new WinogradTiles(out, side, Math.max(1, most / across), across);
    }

    /** In bands as square as can be, of which the pixels around them are fewest. */
    static WinogradTiles inSquares(Shape out, int side, int most) {
        int width = Math.min(Math.ceilDiv(out.w(), side), (int) Math.sqrt(most));
        return new WinogradTiles(out, side, most / width, width);
    }

    int bands() {
        return images * bandsDown * bandsAcross;
    }

    /** The largest band's tiles. */
    int most() {
        return rows() * columnsOfBand();
    }

    /** The largest band's tiles, and as many more as the kernels compute along. */
    int rowsOfBand() {
        return Math.ceilDiv(most(), Kernels.ROWS) * Kernels.ROWS;
    }

    /** The height of the largest band. */
    int rows() {
        return Math.ceilDiv(down, bandsDown);
    }

    private int columnsOfBand() {
        return Math.ceilDiv(across, bandsAcross);
    }

    /** The width of the largest patch. */
    int columns() {
        return Math.ceilDiv(columnsOfBand(), patchesOfBand);
    }

    Block band(int index) {
        int i = index / bandsAcross % bandsDown;
        int j = index % bandsAcross;
        int row = down * i / bandsDown;
        int column = across * j / bandsAcross;
        int height = down * (i + 1) / bandsDown - row;
        return new Block(index / bandsAcross / bandsDown, row, column, height, across * (j + 1) / bandsAcross - column);
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
