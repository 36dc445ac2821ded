package io.github.lotus4j.cli.eval;

import java.util.List;

/** What Marigold's evaluation calls predictions of depth, without their suffix. */
final class Naming {
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

    static String withoutSuffix(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') + 1 ? path.substring(0, dot) : path;
    }
}
