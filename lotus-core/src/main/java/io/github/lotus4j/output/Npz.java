package io.github.lotus4j.output;

import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** NumPy's archive: a ZIP of array files, deflated, which numpy.load opens by their names, without pickle. */
final class Npz {
    /** The earliest that a ZIP can have: what is the same gives the same file. */
    private static final LocalDateTime SAME_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private Npz() {}

    /** {@code NAME} of each, and {@code NAME_metadata}: a text of no dimension, the JSON of {@link Metadata#json()}. */
    static void write(OutputStream out, List<Grid> grids) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(out); // not closed: it would close what is the caller's
        for (Grid grid : grids) {
            begin(zip, grid.name());
            Npy.write(zip, grid.values(), grid.shape());
            begin(zip, grid.name() + "_metadata");
            Npy.writeText(zip, grid.metadata().json());
        }
        zip.finish();
    }

    private static void begin(ZipOutputStream zip, String array) throws IOException {
        ZipEntry entry = new ZipEntry(array + ".npy");
        entry.setTimeLocal(SAME_TIME);
        zip.putNextEntry(entry);
    }
}
