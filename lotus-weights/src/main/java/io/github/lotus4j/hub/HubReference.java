package io.github.lotus4j.hub;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A model's repository on the hub, and which revision of it.
 *
 * @param owner whose it is
 * @param name what it is called
 * @param revision a branch, a tag, or a commit's 40 hexadecimal digits
 */
public record HubReference(String owner, String name, String revision) {
    /** The branch that is taken where nothing else is said. */
    public static final String DEFAULT_REVISION = "main";

    private static final Pattern WRITTEN = Pattern.compile("(?:([^/@]+)/)?([^/@]+)(?:@(.+))?");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?");
    private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+/-]{0,254}");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /**
     * @throws HubException if a part is not what the hub allows there
     */
    public HubReference {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(revision, "revision");
        requireWord("owner", owner);
        requireWord("name", name);
        if (!isRevision(revision)) {
            throw new HubException("the revision is called \"" + revision
                    + "\", expected a branch, a tag or a commit: letters, digits, '.', '_', '-' and single '/'");
        }
    }

    /**
     * What a user writes: the name of a {@link PublishedCheckpoint}, or OWNER/NAME, and perhaps @REVISION behind it.
     *
     * @throws HubException if it is neither
     */
    public static HubReference of(String written) {
        Objects.requireNonNull(written, "written");
        return parse(written)
                .orElseThrow(
                        () -> new HubException("\"" + written + "\" is no checkpoint of the hub, expected OWNER/NAME"
                                + " or one of "
                                + PublishedCheckpoint.all().stream()
                                        .map(PublishedCheckpoint::name)
                                        .collect(Collectors.joining(", "))));
    }

    /** As {@link #of}, and empty where it throws. */
    static Optional<HubReference> parse(String written) {
        Matcher parts = WRITTEN.matcher(written);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String name = parts.group(2);
        boolean published = PublishedCheckpoint.named(name).isPresent();
        String owner = parts.group(1) == null && published ? PublishedCheckpoint.OWNER : parts.group(1);
        String revision = parts.group(3) == null ? DEFAULT_REVISION : parts.group(3);
        return owner != null && isWord(owner) && isWord(name) && isRevision(revision)
                ? Optional.of(new HubReference(owner, name, revision))
                : Optional.empty();
    }

    private static boolean isWord(String text) {
        return WORD.matcher(text).matches() && !text.contains("--") && !text.contains("..");
    }

    private static boolean isRevision(String text) {
        return REVISION.matcher(text).matches()
                && !text.contains("..")
                && !text.contains("//")
                && !text.contains("/.")
                && !text.endsWith("/");
    }

    private static void requireWord(String what, String text) {
        if (!isWord(text)) {
            throw new HubException("the repository's " + what + " is \"" + text
                    + "\", expected up to 96 letters, digits, '.', '_' and '-'");
        }
    }

    /** The same repository at another revision. */
    public HubReference at(String other) {
        return new HubReference(owner, name, other);
    }

    /** Owner and name, as the hub's addresses have them. */
    public String repository() {
        return owner + "/" + name;
    }

    /** Whether the revision is a commit, which never changes. */
    boolean isCommit() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** The shortest that {@link #of} understands. */
    @Override
    public String toString() {
        boolean published = owner.equals(PublishedCheckpoint.OWNER)
                && PublishedCheckpoint.named(name).isPresent();
        return (published ? name : repository()) + (revision.equals(DEFAULT_REVISION) ? "" : "@" + revision);
    }
}
