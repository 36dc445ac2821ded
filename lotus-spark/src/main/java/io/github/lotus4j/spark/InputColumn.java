package io.github.lotus4j.spark;

import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.ImageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Where the images are.
 *
 * @param index of the column in a row
 * @param nameIndex of a column of paths beside the bytes, for messages; -1 for none
 * @param bytes whether it holds bytes, not paths
 * @param hadoop how file systems are reached, of paths
 */
record InputColumn(String name, int index, int nameIndex, boolean bytes, SerializableConfiguration hadoop)
        implements Serializable {
    private static final String CONTENT = "content";
    private static final String PATH = "path";

    private static final long LARGEST_FILE = 1L << 30;
    /** No format takes more for a pixel, but for what a file has beside its pixels. */
    private static final long BYTES_OF_PIXEL = 16;

    private static final long BYTES_BESIDE_PIXELS = 1L << 24;

    /**
     * @param asked null for the usual ones
     * @throws LotusException if there is none, or it has another type
     */
    static InputColumn of(StructType schema, @Nullable String asked, Configuration hadoop) {
        String name = asked != null ? asked : usual(schema);
        int index = Arrays.asList(schema.fieldNames()).indexOf(name);
        if (index < 0) {
            throw new LotusException("images: found no column \"%s\", expected one of %s"
                    .formatted(name, Arrays.toString(schema.fieldNames())));
        }
        DataType type = schema.fields()[index].dataType();
        boolean bytes = type.equals(DataTypes.BinaryType);
        if (!bytes && !type.equals(DataTypes.StringType)) {
            throw new LotusException(
                    "images: column \"%s\" has the type %s, expected binary, a file's bytes, or string, a path"
                            .formatted(name, type.simpleString()));
        }
        int path = Arrays.asList(schema.fieldNames()).indexOf(PATH);
        boolean named = bytes && path >= 0 && schema.fields()[path].dataType().equals(DataTypes.StringType);
        return new InputColumn(name, index, named ? path : -1, bytes, new SerializableConfiguration(hadoop));
    }

    private static String usual(StructType schema) {
        return Arrays.asList(schema.fieldNames()).contains(CONTENT) ? CONTENT : PATH;
    }

    /** What messages call the image of a row. */
    String imageName(Row row) {
        int at = bytes ? nameIndex : index;
        return at < 0 || row.isNullAt(at) ? "image" : row.getString(at);
    }

    /**
     * The image's file.
     *
     * @throws ImageException if it cannot be read, or is larger than any image of so many pixels
     */
    byte[] read(Row row, long maxPixels) {
        if (row.isNullAt(index)) {
            throw new ImageException("column " + name + " is null, expected "
                    + (bytes ? "the bytes of an image" : "the path of an image"));
        }
        if (bytes) {
            return row.getAs(index);
        }
        String path = row.getString(index);
        try {
            return read(new Path(path), Math.min(LARGEST_FILE, BYTES_OF_PIXEL * maxPixels + BYTES_BESIDE_PIXELS));
        } catch (FileNotFoundException e) {
            throw new ImageException(path + " does not exist, expected an image", e);
        } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new ImageException(path + " cannot be read: " + Objects.toString(e.getMessage(), e.toString()), e);
        }
    }

    private byte[] read(Path path, long most) throws IOException {
        FileSystem system = path.getFileSystem(hadoop.value());
        FileStatus status = system.getFileStatus(path);
        if (status.isDirectory()) {
            throw new ImageException(path + " is a folder, expected an image");
        }
        long length = status.getLen();
        if (length > most) {
            throw new ImageException("%s has %d bytes, expected an image of at most %d".formatted(path, length, most));
        }
        try (FSDataInputStream in = system.open(path)) {
            return in.readNBytes((int) length);
        } catch (OutOfMemoryError e) {
            throw InsufficientMemoryException.ofSharedHeap("reading " + path, length, e);
        }
    }
}
