/** The lotus command. */
module io.github.lotus4j.cli {
    requires io.github.lotus4j.core;
    requires info.picocli;
    requires static org.jspecify;

    opens io.github.lotus4j.cli to
            info.picocli;
}
