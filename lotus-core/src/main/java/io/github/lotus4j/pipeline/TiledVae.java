package io.github.lotus4j.pipeline;

import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.model.AutoencoderKL;
import io.github.lotus4j.ops.Axis;
import io.github.lotus4j.ops.Frame;
import io.github.lotus4j.ops.Ops;
import io.github.lotus4j.ops.Shape;
import io.github.lotus4j.ops.Tensor;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A VAE that encodes and decodes in overlapping tiles, whose results are blended linearly where they overlap, so that its memory is
 * that of a tile; the UNet still sees the whole latent. The source is diffusers' {@code AutoencoderKL.tiled_encode} and {@code
 * tiled_decode}:
 *
 * <pre>whole[y, x] = Σ over tiles (i, j) that hold (y, x) of wᵢ(y) · wⱼ(x) · tileᵢⱼ[y - startᵢ, x - startⱼ]</pre>
 *
 * with the weights of {@link Tiles}. It is an approximation: convolutions see zeros beyond a tile's edges, and normalisation and
 * attention see a tile instead of the image.
 */
final class TiledVae {
    private final AutoencoderKL vae;
    private final Shape moments; // of the whole, [N, h, w, 2 · latentChannels]
    private final int scale;
    private final Tiles rows;
    private final Tiles columns;
    private final Shape tile; // [N, H, W, 3]

    private TiledVae(AutoencoderKL vae, Shape size, int pixels) {
        this.vae = vae;
        moments = vae.momentsShape(size);
        scale = vae.smallestSide();
        rows = Tiles.covering(moments.h(), pixels / scale);
        columns = Tiles.covering(moments.w(), pixels / scale);
        // pixels too few for another of the latent's are read by convolutions all the same: by each tile's, for one
        // shape
        int restOfRows = size.h() - moments.h() * scale;
        int restOfColumns = size.w() - moments.w() * scale;
        tile = size.withSize(rows.size() * scale + restOfRows, columns.size() * scale + restOfColumns);
    }

    /**
     * @param size of the images, [N, H, W, 3]
     * @param pixels of a tile's sides at most
     * @return nothing where a single tile would do
     */
    static Optional<TiledVae> of(AutoencoderKL vae, Shape size, OptionalInt pixels) {
        if (pixels.isEmpty()) {
            return Optional.empty();
        }
        int least = Tiles.SMALLEST * vae.smallestSide();
        if (pixels.getAsInt() < least) {
            throw new LotusException(
                    "VAE tile: found " + pixels.getAsInt() + " pixels, expected at least " + least + " for this model");
        }
        TiledVae tiled = new TiledVae(vae, size, pixels.getAsInt());
        return tiled.rows.count() * tiled.columns.count() == 1 ? Optional.empty() : Optional.of(tiled);
    }

    /** That of a tile of the images, [N, H, W, 3]. */
    Shape tile() {
        return tile;
    }

    /** Which repeatable part of a run. */
    private record Part(Object run, boolean encodes) {}

    private interface EachTile {
        void visit(int row, int column, Frame frame);
    }

    private void eachTile(Ops ops, EachTile each) {
        for (int row = 0; row < rows.count(); row++) {
            for (int column = 0; column < columns.count(); column++) {
                try (Frame frame = ops.frame()) {
                    each.visit(row, column, frame);
                }
            }
        }
    }

    /**
     * @param out [N, h, w, 2 · latentChannels]
     * @param key of a run with these tiles, see {@link Ops#repeatable}
     */
    void encode(Tensor out, SourceImage source, Object key, Ops ops) {
        float[] whole = new float[ops.measures() ? 0 : Math.toIntExact(moments.elements())];
        eachTile(ops, (row, column, frame) -> {
            Tensor rgb = frame.tensor(tile);
            Tensor found = frame.tensor(vae.momentsShape(tile));
            source.upload(rgb, rows.start(row) * scale, columns.start(column) * scale, ops);
            ops.repeatable(new Part(key, true), () -> vae.encode(found, rgb, ops));
            float[] values = ops.download(found);
            if (!ops.measures()) {
                blend(whole, moments.c(), values, row, column, 1);
            }
        });
        if (!ops.measures()) {
            ops.upload(out, whole);
        }
    }

    /**
     * @param latent [N, h, w, latentChannels], already divided by the scaling factor
     * @param mean whether the mean of the three channels is wanted
     * @return [N, h·f, w·f, 3 or 1] in [0, 1]; nothing when measuring
     */
    float[] decode(Tensor latent, boolean mean, Object key, Ops ops) {
        Shape decoded = vae.decodedShape(latent.shape()).withChannels(mean ? 1 : 3);
        float[] whole = new float[ops.measures() ? 0 : Math.toIntExact(decoded.elements())];
        float[] from = ops.measures() ? whole : ops.download(latent);
        eachTile(ops, (row, column, frame) -> {
            Tensor part = frame.tensor(latent.shape().withSize(rows.size(), columns.size()));
            Tensor rgb = frame.tensor(vae.decodedShape(part.shape()));
            if (!ops.measures()) {
                ops.upload(part, cut(from, part.shape(), row, column));
            }
            ops.repeatable(new Part(key, false), () -> vae.decode(rgb, part, ops));
            ops.computed("decoder_out", rgb);
            Axis vertical = Axis.same(rgb.shape().h());
            Axis horizontal = Axis.same(rgb.shape().w());
            float[] values =
                    mean ? ops.downloadMeans(rgb, vertical, horizontal) : ops.downloadImages(rgb, vertical, horizontal);
            if (!ops.measures()) {
                blend(whole, decoded.c(), values, row, column, scale);
            }
        });
        return whole;
    }

    /** A tile of the latent. */
    private float[] cut(float[] whole, Shape part, int row, int column) {
        float[] values = new float[Math.toIntExact(part.elements())];
        int length = part.w() * part.c();
        for (int line = 0; line < part.n() * part.h(); line++) {
            int y = line / part.h() * rows.length() + rows.start(row) + line % part.h();
            int from = (y * columns.length() + columns.start(column)) * part.c();
            System.arraycopy(whole, from, values, line * length, length);
        }
        return values;
    }

    /** Adds a tile's share to the whole, which has {@code by} values, each way, for each of the latent's. */
    private void blend(float[] whole, int channels, float[] values, int row, int column, int by) {
        float[] down = rows.weights(row, by);
        float[] across = columns.weights(column, by);
        for (int line = 0, from = 0; line < moments.n() * down.length; line++) {
            int y = line / down.length * rows.length() * by + rows.start(row) * by + line % down.length;
            int to = (y * columns.length() + columns.start(column)) * by * channels;
            for (float weight : across) {
                float share = down[line % down.length] * weight;
                for (int c = 0; c < channels; c++) {
                    whole[to++] += share * values[from++];
                }
            }
        }
    }
}
