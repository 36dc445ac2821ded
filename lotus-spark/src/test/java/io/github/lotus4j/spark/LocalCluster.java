package io.github.lotus4j.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/**
 * Executors that are processes of their own, started from SPARK_HOME as Spark does it, with this process's class path in the place of
 * that folder's jars. SPARK_SCALA_VERSION has to be set, too.
 */
final class LocalCluster {
    private LocalCluster() {}

    /** A session with executors of one core. */
    static SparkSession of(int executors) throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME")).resolve("jars"));
        return LocalSpark.builder("local-cluster[" + executors + ",1,1024]")
                .config("spark.executor.memory", "768m")
                .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
                .config("spark.executor.extraClassPath", classPath())
                .config(
                        "spark.executor.extraJavaOptions",
                        "--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED"
                                + " --sun-misc-unsafe-memory-access=allow")
                .getOrCreate();
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(File::new)
                .filter(File::exists)
                .map(File::getAbsolutePath) // executors have a folder of their own
                .collect(Collectors.joining(File.pathSeparator));
    }
}
