package io.github.lotus4j.spark;

import org.apache.spark.sql.SparkSession;

/** Sessions for tests; one at a time. */
final class LocalSpark {
    private LocalSpark() {}

    static SparkSession.Builder builder(String master) {
        return SparkSession.builder()
                .master(master)
                .appName("test")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.plugins", LotusPlugin.class.getName());
    }
}
