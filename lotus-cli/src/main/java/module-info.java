/** The lotus command. */
module io.github.lotus4j.cli {
    requires io.github.lotus4j.core;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires jdk.httpserver;
    requires org.apache.commons.compress;
    requires static org.jspecify;

    opens io.github.lotus4j.cli to
            com.fasterxml.jackson.databind,
            info.picocli;
}
