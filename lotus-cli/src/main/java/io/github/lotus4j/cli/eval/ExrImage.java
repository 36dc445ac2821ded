package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * An image of floating-point numbers in the OpenEXR format, of the kind that OpenCV writes: one part, in scan lines, of half or single
 * precision, not compressed or by ZIP. OpenEXR, "Technical Introduction" and "OpenEXR File Layout".
 */
final class ExrImage {
    private static final int MAGIC = 20000630;
    private static final int VERSION = 2;
    /** Of the flags beside the version, the one that changes nothing here. */
    private static final int LONG_NAMES = 0x400;

    private static final int HALF = 1;
    private static final int SINGLE = 2;
    private static final long MOST_PIXELS = 1L << 28;
    /** How many bytes can come of one that is compressed, at most. */
    private static final long DEFLATED = 1032;

    /** @param type of its samples, in the format's numbers */
    private record Channel(String name, int type) {
        int bytes() {
            return type == HALF ? 2 : 4;
        }
    }

    private final String name;
    private final ByteBuffer file;
    private final List<Channel> channels = new ArrayList<>();
    private int compression = -1;
    private int left;
    private int top;
    private int width;
    private int height;

    private ExrImage(String name, byte[] file) {
        this.name = name;
        this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The channels R, G and B.
     *
     * @param name for messages
     * @return {@code [height, width, 3]}
     * @throws LotusException if it is no such file, or of another kind
     */
    static Plane parse(String name, byte[] file) {
        try {
            ExrImage image = new ExrImage(name, file);
            image.readHeader();
            return image.readPixels();
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException
                | ArithmeticException e) {
            throw new LotusException(name + " is cut off, or no OpenEXR file", e);
        }
    }

    private LotusException unknown(String found, String expected) {
        return new LotusException(name + ": found " + found + ", expected " + expected);
    }

    private void readHeader() {
        if (file.getInt() != MAGIC) {
            throw unknown("another format", "an OpenEXR file");
        }
        int version = file.getInt();
        if ((version & ~LONG_NAMES) != VERSION) {
            throw unknown("version and flags 0x" + Integer.toHexString(version), "a single part in scan lines");
        }
        for (String attribute = text(); !attribute.isEmpty(); attribute = text()) {
            text(); // its type, which goes with its name
            int size = file.getInt();
            ByteBuffer value = file.slice(file.position(), size).order(ByteOrder.LITTLE_ENDIAN);
            file.position(file.position() + size);
            switch (attribute) {
                case "channels" -> readChannels(value);
                case "compression" -> compression = value.get();
                case "dataWindow" -> readWindow(value);
                default -> {} // says nothing about where pixels lie
            }
        }
        if (compression < 0 || compression == 1 || compression > 3) {
            throw unknown("compression " + compression, "0 (none), 2 or 3 (ZIP)");
        }
        if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS) {
            throw unknown(width + "×" + height + " pixels", "1 to " + MOST_PIXELS);
        }
    }

    private String text() {
        return text(file);
    }

    private static String text(ByteBuffer from) {
        int begin = from.position();
        int length = 0;
        while (from.get() != 0) {
            length++;
        }
        byte[] letters = new byte[length];
        from.get(begin, letters);
        return new String(letters, StandardCharsets.UTF_8);
    }

    private void readChannels(ByteBuffer value) {
        for (String each = text(value); !each.isEmpty(); each = text(value)) {
            int type = value.getInt();
            value.getInt(); // whether it is linear
            int every = value.getInt() * value.getInt();
            if ((type != HALF && type != SINGLE) || every != 1) {
                throw unknown(
                        "channel " + each + " of type " + type + ", a sample for " + every + " pixels",
                        "half (1) or single precision (2), a sample for each");
            }
            channels.add(new Channel(each, type));
        }
    }

    private void readWindow(ByteBuffer value) {
        left = value.getInt();
        top = value.getInt();
        width = Math.addExact(Math.subtractExact(value.getInt(), left), 1);
        height = Math.addExact(Math.subtractExact(value.getInt(), top), 1);
    }

    private Plane readPixels() {
        int lines = compression == 3 ? 16 : 1;
        int chunks = (height + lines - 1) / lines;
        int lineBytes =
                Math.multiplyExact(channels.stream().mapToInt(Channel::bytes).sum(), width);
        for (String colour : List.of("R", "G", "B")) {
            if (channels.stream().noneMatch(each -> each.name.equals(colour))) {
                throw unknown("channels " + channels.stream().map(Channel::name).toList(), "R, G and B");
            }
        }
        file.position(Math.addExact(file.position(), Math.multiplyExact(chunks, Long.BYTES))); // where each chunk lies
        if ((long) lineBytes * height > DEFLATED * file.remaining()) {
            throw unknown(file.remaining() + " bytes of pixels", "enough for " + width + "×" + height);
        }
        Plane plane = new Plane(width, height, 3, new float[Math.multiplyExact(3 * width, height)]);
        for (int chunk = 0; chunk < chunks; chunk++) {
            int first = file.getInt() - top;
            int count = Math.min(lines, height - first);
            if (first < 0 || count < 1) {
                throw unknown("line " + (first + top), "one of the image's");
            }
            ByteBuffer rows =
                    ByteBuffer.wrap(chunk(file.getInt(), count * lineBytes)).order(ByteOrder.LITTLE_ENDIAN);
            for (int y = first; y < first + count; y++) {
                readRow(rows, plane, y);
            }
        }
        return plane;
    }

    private void readRow(ByteBuffer rows, Plane plane, int y) {
        for (Channel channel : channels) {
            int c = "RGB".indexOf(channel.name);
            for (int x = 0; x < width; x++) {
                float value = channel.type == HALF ? Float.float16ToFloat(rows.getShort()) : rows.getFloat();
                if (c >= 0) {
                    plane.values()[(y * width + x) * 3 + c] = value;
                }
            }
        }
    }

    /** @param stored how many bytes the file has of it; those that would not have become fewer are stored as they are */
    private byte[] chunk(int stored, int whole) {
        if (stored < 0 || stored > file.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] data = new byte[stored];
        file.get(data);
        if (stored == whole) {
            return data;
        }
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(data);
            byte[] mixed = new byte[whole];
            if (compression == 0 || inflater.inflate(mixed) != whole) {
                throw unknown(stored + " bytes of some lines", whole + " or as many compressed");
            }
            return unmixed(mixed);
        } catch (DataFormatException e) {
            throw new LotusException(name + " is damaged: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    /** Undoes what makes bytes easier to compress: differences of neighbours, and the odd ones after the even ones. */
    private static byte[] unmixed(byte[] mixed) {
        for (int i = 1; i < mixed.length; i++) {
            mixed[i] = (byte) (mixed[i - 1] + mixed[i] - 128);
        }
        byte[] data = new byte[mixed.length];
        int half = (mixed.length + 1) / 2;
        for (int i = 0; i < data.length; i++) {
            data[i] = mixed[i % 2 == 0 ? i / 2 : half + i / 2];
        }
        return data;
    }
}
