package io.github.lotus4j.cli.eval;

/** Pictures of what is known of some pixels only. */
final class Blackened {
    private Blackened() {}

    /** @param pictures red, green, blue, whose other pixels become black */
    static void where(boolean[] known, byte[]... pictures) {
        for (byte[] picture : pictures) {
            for (int i = 0; i < picture.length; i++) {
                picture[i] = known[i / 3] ? picture[i] : 0;
            }
        }
    }
}
