package io.github.lotus4j.cli.eval;

import java.util.List;

/** What files are called: predictions of depth as Marigold's evaluation has them, without their suffix, and one's own. */
final class Naming {
    /** Where what is known of one's own images lies, beside them: images' folders then hold nothing else. */
    static final String TRUTH = "truth/";

    private Naming() {}

    /** pred_ and the image's name. */
    static List<String> whole(String image) {
        return List.of("pred_" + withoutSuffix(image));
    }

    /** pred_ and what follows the mark in rgb_0001. */
    static List<String> afterMark(String image) {
        String name = withoutSuffix(image);
        int mark = name.indexOf('_');
        return List.of("pred_" + name.substring(mark + 1));
    }

    /** A folder beside the path's last part, between it and what is above. */
    static String inFolder(String folder, String path) {
        int leaf = path.lastIndexOf('/') + 1;
        return path.substring(0, leaf) + folder + path.substring(leaf);
    }

    static String withoutSuffix(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') + 1 ? path.substring(0, dot) : path;
    }
}
