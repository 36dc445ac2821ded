/** safetensors files and checkpoint folders. */
module io.github.lotus4j.weights {
    requires com.fasterxml.jackson.databind;
    requires static transitive org.jspecify;

    exports io.github.lotus4j.error;
    exports io.github.lotus4j.weights;
}
