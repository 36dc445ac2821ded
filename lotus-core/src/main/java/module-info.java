/** Depth and surface normals from one photograph. */
module io.github.lotus4j.core {
    requires transitive io.github.lotus4j.weights;
    requires transitive java.desktop;
    requires com.fasterxml.jackson.core;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static jdk.incubator.vector;

    exports io.github.lotus4j;
    exports io.github.lotus4j.eval;
    exports io.github.lotus4j.geometry;
    exports io.github.lotus4j.image;
    exports io.github.lotus4j.output;
    exports io.github.lotus4j.ops;
    exports io.github.lotus4j.model;

    uses io.github.lotus4j.ops.BackendProvider;

    provides io.github.lotus4j.ops.BackendProvider with
            io.github.lotus4j.cpu.CpuBackendProvider;
}
