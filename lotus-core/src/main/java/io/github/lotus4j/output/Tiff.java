package io.github.lotus4j.output;

import io.github.lotus4j.error.LotusException;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferFloat;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.plugins.tiff.TIFFTag;
import javax.imageio.plugins.tiff.TIFFTagSet;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** TIFF 6.0: floating point of 32 bits, not compressed, which most programs read, by Java's own writer. */
final class Tiff {
    /** That of Java's own writer; other libraries' writers, which may be on the class path, do not know it. */
    private static final String METADATA_FORMAT = "javax_imageio_tiff_image_1.0";

    /** Offsets have 32 bits; some is left to what is no pixel. */
    private static final long MOST_BYTES = 0xffffffffL - (1 << 24);

    private Tiff() {}

    /** @throws LotusException if there are more pixels than the format can have */
    static void write(OutputStream out, Grid grid) throws IOException {
        long bytes = (long) Float.BYTES * grid.width() * grid.height() * grid.channels();
        if (bytes > MOST_BYTES) {
            throw new LotusException("tiff: found %d×%d pixels of %d channels, %d bytes, expected at most %d; use npy"
                    .formatted(grid.width(), grid.height(), grid.channels(), bytes, MOST_BYTES));
        }
        ImageWriter writer = writer();
        try (MemoryCacheImageOutputStream target = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(target);
            writer.write(null, new IIOImage(image(grid), null, metadata(grid.metadata())), null);
        } finally {
            writer.dispose();
        }
    }

    private static ImageWriter writer() throws IOException {
        Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("tiff");
        while (writers.hasNext()) {
            ImageWriter writer = writers.next();
            if (METADATA_FORMAT.equals(writer.getOriginatingProvider().getNativeImageMetadataFormatName())) {
                return writer;
            }
        }
        throw new IOException("this Java has no TIFF writer of its own");
    }

    /** The colours are a form: samples are written as they are. */
    private static BufferedImage image(Grid grid) {
        int channels = grid.channels();
        float[] values = grid.values();
        ColorSpace space = ColorSpace.getInstance(channels == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        ColorModel model = new ComponentColorModel(space, false, false, Transparency.OPAQUE, DataBuffer.TYPE_FLOAT);
        WritableRaster raster = Raster.createWritableRaster(
                model.createCompatibleSampleModel(grid.width(), grid.height()),
                new DataBufferFloat(values, values.length),
                null);
        return new BufferedImage(model, raster, false, null);
    }

    private static IIOMetadata metadata(Metadata metadata) {
        BaselineTIFFTagSet tags = BaselineTIFFTagSet.getInstance();
        TIFFDirectory directory = new TIFFDirectory(new TIFFTagSet[] {tags}, null);
        addText(directory, tags.getTag(BaselineTIFFTagSet.TAG_IMAGE_DESCRIPTION), metadata.json());
        addText(directory, tags.getTag(BaselineTIFFTagSet.TAG_SOFTWARE), metadata.software());
        return directory.getAsMetadata();
    }

    private static void addText(TIFFDirectory directory, TIFFTag tag, String text) {
        directory.addTIFFField(new TIFFField(tag, TIFFTag.TIFF_ASCII, 1, new String[] {text}));
    }
}
