package io.github.lotus4j.output;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** PNG files. */
final class Png {
    private static final String METADATA_FORMAT = "javax_imageio_png_1.0";

    private Png() {}

    /** @param values 0 to 1, {@code [height, width]}; written as round(65535 · value) */
    static void writeGrey16(OutputStream out, float[] values, int width, int height, Metadata metadata)
            throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY);
        short[] samples = ((DataBufferUShort) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) Math.round(65535 * Math.clamp(values[i], 0f, 1f));
        }
        write(out, image, metadata);
    }

    /** @param rgb {@code [height, width, 3]} */
    static void writeRgb(OutputStream out, byte[] rgb, int width, int height, Metadata metadata) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at += 3) {
                row[x] = ((rgb[at] & 0xff) << 16) | ((rgb[at + 1] & 0xff) << 8) | (rgb[at + 2] & 0xff);
            }
            image.setRGB(0, y, width, 1, row, 0, width);
        }
        write(out, image, metadata);
    }

    private static void write(OutputStream out, BufferedImage image, Metadata metadata) throws IOException {
        Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("png");
        if (!writers.hasNext()) {
            throw new IOException("this Java has no PNG writer");
        }
        ImageWriter writer = writers.next();
        try (MemoryCacheImageOutputStream target = new MemoryCacheImageOutputStream(out)) {
            IIOMetadata described =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
            described.mergeTree(METADATA_FORMAT, texts(metadata));
            writer.setOutput(target);
            writer.write(new IIOImage(image, null, described));
        } finally {
            writer.dispose();
        }
    }

    /** International text chunks, in UTF-8. W3C, PNG specification, third edition, 11.3.3.4. */
    private static IIOMetadataNode texts(Metadata metadata) {
        IIOMetadataNode texts = new IIOMetadataNode("iTXt");
        texts.appendChild(text("Software", metadata.software()));
        metadata.entries().forEach((name, value) -> texts.appendChild(text(name, value)));
        IIOMetadataNode root = new IIOMetadataNode(METADATA_FORMAT);
        root.appendChild(texts);
        return root;
    }

    private static IIOMetadataNode text(String keyword, String value) {
        IIOMetadataNode text = new IIOMetadataNode("iTXtEntry");
        text.setAttribute("keyword", keyword);
        text.setAttribute("compressionFlag", "FALSE");
        text.setAttribute("compressionMethod", "0");
        text.setAttribute("languageTag", "");
        text.setAttribute("translatedKeyword", "");
        text.setAttribute("text", value);
        return text;
    }
}
