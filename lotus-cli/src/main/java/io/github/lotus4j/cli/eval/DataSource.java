package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of a data set, which lie in a folder or in a tar file. Not thread-safe. */
public interface DataSource extends AutoCloseable {
    /** Bytes of a single file, at most; the largest of the benchmarks' have 98 MB. */
    long LARGEST_FILE = 1L << 30;

    /**
     * @param data folder or tar file
     * @throws LotusException if it is neither
     */
    static DataSource open(Path data) {
        if (Files.isDirectory(data)) {
            return new FolderSource(data);
        }
        if (Files.notExists(data)) {
            throw new LotusException(data + " does not exist, expected a data set's folder or tar file");
        }
        return TarSource.open(data);
    }

    /**
     * @param path below the folder, with / between folders
     * @throws LotusException if there is no such file, or it cannot be read
     */
    byte[] read(String path);

    /** What messages call a file. */
    String describe(String path);

    /** The paths of all files, in alphabetical order. */
    List<String> files();

    @Override
    void close();
}
