package io.github.lotus4j.hub;

import java.util.List;
import java.util.Optional;

/**
 * One of the checkpoints that the authors of Lotus published. He et al. 2024, arXiv 2409.18124.
 *
 * @param name of the repository, without its owner
 * @param predicts depth, disparity or normals
 * @param generative whether it starts from seeded noise (Lotus-G), instead of giving the same answer every time (Lotus-D)
 * @param purpose when to take it
 */
public record PublishedCheckpoint(String name, String predicts, boolean generative, String purpose) {
    /** Whose repositories they are. */
    public static final String OWNER = "jingheya";

    /** In words: the UNet has 868 million parameters in float32, VAE and text encoder 424 million in float32 or float16. */
    public static final String SIZE = "4.3 to 5.2 GB";

    private static final List<PublishedCheckpoint> ALL = List.of(
            new PublishedCheckpoint(
                    "lotus-depth-d-v2-0-disparity",
                    "disparity",
                    false,
                    "first: sharper far away than depth, and the same answer every time"),
            new PublishedCheckpoint(
                    "lotus-depth-g-v2-1-disparity",
                    "disparity",
                    true,
                    "for several different answers (--seed), to see where the model is unsure"),
            new PublishedCheckpoint(
                    "lotus-depth-d-v1-0", "depth", false, "where you want depth itself, not its inverse"),
            new PublishedCheckpoint("lotus-depth-g-v1-0", "depth", true, "the same, with seeds"),
            new PublishedCheckpoint("lotus-normal-d-v1-1", "normals", false, "first"),
            new PublishedCheckpoint("lotus-normal-g-v1-1", "normals", true, "with seeds"));

    /** All six, those to take first at the front of their kind. */
    public static List<PublishedCheckpoint> all() {
        return ALL;
    }

    /** The one that is called so. */
    public static Optional<PublishedCheckpoint> named(String name) {
        return ALL.stream().filter(each -> each.name.equals(name)).findFirst();
    }

    /** Where it is on the hub. */
    public HubReference reference() {
        return new HubReference(OWNER, name, HubReference.DEFAULT_REVISION);
    }
}
