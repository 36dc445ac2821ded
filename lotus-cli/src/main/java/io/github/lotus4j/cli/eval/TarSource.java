package io.github.lotus4j.cli.eval;

import io.github.lotus4j.error.LotusException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** A tar file that is not compressed, of which files are read where they lie. */
final class TarSource implements DataSource {
    private final Path path;
    private final TarFile tar;
    private final Map<String, TarArchiveEntry> entries = new TreeMap<>();
    /** The folder that all files lie in, with its /, as an archive of a folder has it; none where there are several. */
    private final String top;

    private TarSource(Path path, TarFile tar) {
        this.path = path;
        this.tar = tar;
        for (TarArchiveEntry each : tar.getEntries()) {
            if (each.isFile() && !each.isLink() && !each.isSymbolicLink()) { // links have no content of their own
                entries.put(withoutDot(each.getName()), each);
            }
        }
        String first = entries.keySet().stream().findFirst().orElse("");
        String folder = first.substring(0, first.indexOf('/') + 1);
        top = entries.keySet().stream().allMatch(name -> name.startsWith(folder)) ? folder : "";
    }

    static TarSource open(Path path) {
        try {
            return new TarSource(path, new TarFile(path.toFile()));
        } catch (IOException | IllegalArgumentException e) {
            throw new LotusException(
                    path + " is no tar file that can be read, expected an uncompressed one or a folder: "
                            + e.getMessage(),
                    e);
        }
    }

    private static String withoutDot(String name) {
        return name.startsWith("./") ? name.substring(2) : name;
    }

    @Override
    public byte[] read(String name) {
        TarArchiveEntry entry = entries.getOrDefault(name, entries.get(top + name));
        if (entry == null) {
            throw new LotusException(describe(name) + " does not exist, expected a file of the data set");
        }
        if (entry.getSize() > LARGEST_FILE) {
            throw new LotusException(
                    "%s has %,d bytes, expected at most %,d".formatted(describe(name), entry.getSize(), LARGEST_FILE));
        }
        try (InputStream in = tar.getInputStream(entry)) {
            byte[] content = in.readNBytes((int) entry.getSize());
            if (content.length != entry.getSize()) {
                throw new LotusException("%s is cut off: found %,d bytes, expected %,d"
                        .formatted(describe(name), content.length, entry.getSize()));
            }
            return content;
        } catch (IOException e) {
            throw new LotusException(describe(name) + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String describe(String name) {
        return path + ": " + name;
    }

    @Override
    public List<String> files() {
        return List.copyOf(entries.keySet());
    }

    @Override
    public void close() {
        try {
            tar.close();
        } catch (IOException e) {
            throw new LotusException(path + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
