package io.github.lotus4j.serve;

import io.github.lotus4j.image.ImageException;
import io.github.lotus4j.image.ImageFile;
import java.awt.Dimension;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * What an image that is sent may be.
 *
 * @param bytes of its file
 * @param pixels of the image, as its header says before anything is decoded
 */
public record UploadLimits(int bytes, long pixels) {
    /**
     * Reads a file, and no more than may be.
     *
     * @param stated its length, if the request says it
     */
    byte[] read(InputStream in, @Nullable String stated) throws IOException, Refusal {
        if (stated != null && Long.parseLong(stated) > bytes) { // the server has parsed it before
            throw tooLarge(stated + " bytes");
        }
        byte[] file = in.readNBytes(bytes);
        if (in.read() >= 0) {
            throw tooLarge("more than " + bytes + " bytes");
        }
        return file;
    }

    private Refusal tooLarge(String found) {
        return Refusal.tooLarge("the image's file: found " + found + ", expected at most " + bytes);
    }

    /** Looks at the image's header. */
    void check(String name, byte[] file) throws Refusal {
        Dimension size;
        try {
            size = ImageFile.size(name, file);
        } catch (ImageException e) {
            throw Refusal.noImage(String.valueOf(e.getMessage()));
        }
        if ((long) size.width * size.height > pixels) {
            throw Refusal.tooLarge("%s: found %d×%d pixels, expected at most %d in all"
                    .formatted(name, size.width, size.height, pixels));
        }
    }
}
