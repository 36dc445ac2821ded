/** safetensors files, checkpoint folders, and the hub that checkpoints are fetched from. */
module io.github.lotus4j.weights {
    requires com.fasterxml.jackson.databind;
    requires java.net.http;
    requires static transitive org.jspecify;

    exports io.github.lotus4j.error;
    exports io.github.lotus4j.hub;
    exports io.github.lotus4j.weights;
}
