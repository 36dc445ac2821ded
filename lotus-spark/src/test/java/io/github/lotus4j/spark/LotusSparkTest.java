package io.github.lotus4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lotus4j.DepthMap;
import io.github.lotus4j.Geometry;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In one process, with two tasks at a time. */
class LotusSparkTest {
    private static final StructType CONTENT = new StructType()
            .add("id", DataTypes.IntegerType)
            .add("content", DataTypes.BinaryType)
            .add("tags", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType));
    private static final PredictionOptions SMALL = PredictionOptions.DEFAULT.withProcessingResolution(32);

    private static SparkSession spark;
    private static Lotus lotus;

    @BeforeAll
    static void start() {
        spark = LocalSpark.builder("local[2]").getOrCreate();
        lotus = Lotus.builder().nano().threads(2).build();
    }

    /** The plugin closes what the executor has loaded. */
    @AfterAll
    static void stop() {
        lotus.close();
        boolean loaded = ExecutorModels.POOL.size() > 0;
        spark.stop();
        assertThat(loaded).isTrue();
        assertThat(ExecutorModels.POOL.size()).isZero();
    }

    private static LotusSparkBuilder small() {
        return LotusSpark.builder().depth("nano").normal("nano").processingResolution(32);
    }

    private static Dataset<Row> images(@Nullable Object... contents) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < contents.length; i++) {
            rows.add(RowFactory.create(i, contents[i], java.util.Map.of("n", "v" + i)));
        }
        return spark.createDataFrame(rows, CONTENT);
    }

    private static Object[] noise(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> TestImages.png(20 + i, 30 - i, i))
                .toArray();
    }

    private static float[] floats(Row row, String column) {
        List<Float> list = row.getList(row.fieldIndex(column));
        float[] values = new float[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i);
        }
        return values;
    }

    @Test
    void bitsAreThoseOfOneProcessWhateverThePartitioning() {
        Object[] contents = noise(12);
        for (int partitions : new int[] {1, 5}) {
            List<Row> rows = small().build()
                    .predict(images(contents).repartition(partitions))
                    .orderBy("id")
                    .collectAsList();
            assertThat(rows).hasSize(12);
            for (int i = 0; i < 12; i++) {
                Geometry expected = lotus.predictGeometry(RgbImage.decode("image", (byte[]) contents[i]), SMALL);
                Row row = rows.get(i);
                assertThat(row.isNullAt(row.fieldIndex("failure"))).isTrue();
                assertThat(row.<Integer>getAs("width")).isEqualTo(20 + i);
                assertThat(row.<Integer>getAs("height")).isEqualTo(30 - i);
                assertThat(row.<String>getAs("kind")).isEqualTo("AFFINE_DISPARITY");
                assertThat(floats(row, "depth")).isEqualTo(expected.depth().toArray());
                assertThat(floats(row, "normals")).isEqualTo(expected.normals().toArray());
                assertThat(row.getJavaMap(row.fieldIndex("tags"))).hasToString("{n=v" + i + "}");
                assertThat(row.<String>getAs("checkpoint"))
                        .startsWith("lotus-nano-disparity-d ")
                        .contains(", lotus-nano-normal-d ");
            }
        }
    }

    @Test
    void statisticsAreOfTheDepth() {
        byte[] content = TestImages.png(16, 24, 3);
        Row row = small().build().predict(images(content)).first();
        float[] depth =
                lotus.predictDepth(RgbImage.decode("image", content), SMALL).toArray();
        double[] sorted = IntStream.range(0, depth.length)
                .mapToDouble(i -> depth[i])
                .sorted()
                .toArray();
        assertThat(row.<Float>getAs("depth_min")).isEqualTo((float) sorted[0]);
        assertThat(row.<Float>getAs("depth_max")).isEqualTo((float) sorted[sorted.length - 1]);
        assertThat(row.<Double>getAs("depth_mean"))
                .isCloseTo(Arrays.stream(sorted).average().orElseThrow(), org.assertj.core.data.Offset.offset(1e-9));
    }

    @Test
    void pngFilesHaveSixteenBits() throws IOException {
        byte[] content = TestImages.png(16, 24, 4);
        Row row = LotusSpark.builder()
                .depth("nano")
                .processingResolution(32)
                .encoding(MapEncoding.PNG)
                .build()
                .predict(images(content))
                .first();
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(row.<byte[]>getAs("depth")));
        DepthMap expected = lotus.predictDepth(RgbImage.decode("image", content), SMALL);
        Raster raster = image.getRaster();
        for (int y = 0; y < 24; y++) {
            for (int x = 0; x < 16; x++) {
                assertThat(raster.getSample(x, y, 0)).isEqualTo(Math.round(65535 * expected.at(x, y)));
            }
        }
        assertThat(row.schema().fieldNames()).doesNotContain("normals", "content");
    }

    /** The header of a PNG of 20,000 × 20,000 pixels whose file is a few bytes long. */
    private static byte[] huge() {
        byte[] png = TestImages.png(4, 4, 0).clone();
        java.nio.ByteBuffer.wrap(png).putInt(16, 20_000).putInt(20, 20_000);
        java.util.zip.CRC32 sum = new java.util.zip.CRC32();
        sum.update(png, 12, 17);
        java.nio.ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
        return png;
    }

    @Test
    void badImagesBecomeRows() {
        byte[] good = TestImages.png(16, 24, 5);
        byte[] cut = Arrays.copyOf(good, good.length / 2);
        List<Row> rows = small().build()
                .predict(images(
                        good,
                        cut,
                        new byte[0],
                        "text".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        null,
                        huge(),
                        TestImages.png(1000, 1, 6),
                        good))
                .orderBy("id")
                .collectAsList();
        assertThat(rows)
                .extracting(row -> row.<String>getAs("failure"))
                .satisfiesExactly(
                        failure -> assertThat(failure).isNull(),
                        failure -> assertThat(failure).startsWith("image is cut short"),
                        failure -> assertThat(failure).startsWith("image is empty"),
                        failure -> assertThat(failure).startsWith("image is no image of a known format"),
                        failure ->
                                assertThat(failure).isEqualTo("column content is null, expected the bytes of an image"),
                        failure -> assertThat(failure)
                                .isEqualTo("image has 20000×20000 pixels, expected at most 50000000 in all"),
                        failure -> assertThat(failure).contains("1000×1"),
                        failure -> assertThat(failure).isNull());
        Row bad = rows.get(1);
        for (String each : List.of("width", "height", "kind", "depth", "depth_mean", "normals", "checkpoint")) {
            assertThat(bad.isNullAt(bad.fieldIndex(each))).as(each).isTrue();
        }
        assertThat(bad.<Integer>getAs("id")).isEqualTo(1);
        assertThat(floats(rows.get(7), "depth")).isEqualTo(floats(rows.get(0), "depth"));
    }

    @Test
    void pathsAreReadThroughHadoop(@TempDir Path folder) throws IOException {
        Path odd = folder.resolve("a b%20ü#?.png");
        byte[] content = TestImages.png(16, 24, 7);
        Files.write(odd, content);
        Path missing = folder.resolve("missing.png");
        List<Row> rows = small().input("photo")
                .build()
                .predict(spark.createDataset(
                                List.of(
                                        "file:" + odd,
                                        odd.toString(),
                                        missing.toString(),
                                        folder.toString(),
                                        "no:such://x"),
                                Encoders.STRING())
                        .toDF("photo")
                        .coalesce(1))
                .collectAsList();
        float[] expected =
                lotus.predictDepth(RgbImage.decode("image", content), SMALL).toArray();
        assertThat(floats(rows.get(0), "depth")).isEqualTo(expected);
        assertThat(floats(rows.get(1), "depth")).isEqualTo(expected);
        assertThat(rows.get(0).<String>getAs("photo")).isEqualTo("file:" + odd);
        assertThat(rows.get(2).<String>getAs("failure")).isEqualTo(missing + " does not exist, expected an image");
        assertThat(rows.get(3).<String>getAs("failure")).endsWith("is a folder, expected an image");
        assertThat(rows.get(4).<String>getAs("failure")).startsWith("no:such://x cannot be read");

        Dataset<Row> binaryFile = spark.read().format("binaryFile").load(folder.toString());
        Row row = small().build().predict(binaryFile).first();
        assertThat(floats(row, "depth")).isEqualTo(expected);
        assertThat(row.schema().fieldNames()).startsWith("path", "modificationTime", "length", "width");
    }

    @Test
    void columnsThatDoNotFitAreNamed() {
        Dataset<Row> images = images(noise(1));
        assertThatThrownBy(() -> small().input("picture").build().predict(images))
                .isInstanceOf(LotusException.class)
                .hasMessage("images: found no column \"picture\", expected one of [id, content, tags]");
        assertThatThrownBy(() -> small().input("id").build().predict(images)).hasMessageContaining("has the type int");
        assertThatThrownBy(() -> small().build().predict(images.withColumnRenamed("id", "Depth")))
                .hasMessageContaining("found a column \"Depth\", which is the name of a result");
    }

    /** Damaged or missing weights, and what a checkpoint cannot do, are no image's fault. */
    @Test
    void whatIsWrongWithTheModelFailsTheJob() {
        Dataset<Row> images = images(noise(1));
        assertThatThrownBy(() -> small().steps(2).build().predict(images).collectAsList())
                .hasStackTraceContaining("steps: found 2, and a Lotus-D checkpoint has exactly one");
        assertThatThrownBy(() -> LotusSpark.builder()
                        .depth("spark:lotus-depth-x")
                        .build()
                        .predict(images)
                        .collectAsList())
                .hasStackTraceContaining("spark:lotus-depth-x is not among the files that Spark distributes");
    }

    @Test
    void weightsThatSparkDistributesAreFound(@TempDir Path folder) throws IOException {
        Path weights = folder.resolve("spread-lotus-disparity");
        copyNano(weights);
        spark.sparkContext().addFile(weights.toString(), true);
        byte[] content = TestImages.png(16, 24, 8);
        Row row = LotusSpark.builder()
                .depth("spark:spread-lotus-disparity")
                .processingResolution(32)
                .build()
                .predict(images(content))
                .first();
        assertThat(floats(row, "depth"))
                .isEqualTo(lotus.predictDepth(RgbImage.decode("image", content), SMALL)
                        .toArray());
        assertThat(row.<String>getAs("checkpoint")).startsWith("spread-lotus-disparity ");
    }

    private static void copyNano(Path folder) throws IOException {
        String root = "/io/github/lotus4j/nano/";
        List<String> names;
        try (var in = LotusSparkTest.class.getResourceAsStream(root + "index.txt")) {
            names = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        for (String name : names) {
            if (name.startsWith("lotus-nano-disparity-d/")) {
                Path to = folder.resolve(name.substring(name.indexOf('/') + 1));
                Files.createDirectories(to.getParent());
                try (var in = LotusSparkTest.class.getResourceAsStream(root + name)) {
                    Files.copy(in, to);
                }
            }
        }
    }

    /** Asked for two rows of a partition of a hundred, two or three are read. */
    @Test
    void aPartitionIsNotReadAhead() {
        LongAccumulator read = spark.sparkContext().longAccumulator();
        byte[] content = TestImages.png(8, 8, 9);
        MapPartitionsFunction<Long, Row> source = ids -> counted(ids, content, read);
        StructType schema = new StructType().add("content", DataTypes.BinaryType);
        Dataset<Row> hundred = spark.range(0, 100, 1, 1).mapPartitions(source, Encoders.row(schema));
        assertThat(small().build().predict(hundred).limit(2).collectAsList()).hasSize(2);
        assertThat(read.value()).isBetween(2L, 3L);
    }

    private static Iterator<Row> counted(Iterator<Long> ids, byte[] content, LongAccumulator read) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return ids.hasNext();
            }

            @Override
            public Row next() {
                ids.next();
                read.add(1);
                return RowFactory.create((Object) content);
            }
        };
    }

    /** Whatever the tasks, and between two jobs too, there is one model. */
    @Test
    void theModelIsLoadedOnce() {
        LotusSpark depth =
                LotusSpark.builder().depth("nano").processingResolution(16).build();
        depth.predict(images(noise(4)).repartition(4)).collectAsList();
        Lotus first = open();
        depth.predict(images(noise(4)).repartition(4)).collectAsList();
        assertThat(open()).isSameAs(first);
    }

    private static Lotus open() {
        ModelSettings settings = new ModelSettings("nano", null, "auto", false, null);
        try (ModelPool.Lease lease =
                ExecutorModels.POOL.borrow(new ModelPool.Key(settings, new Placement("auto", 1)))) {
            assertThat(ExecutorModels.POOL.size()).isEqualTo(1); // it was there, and not only of another placement
            return lease.predict(model -> model);
        }
    }

    /** Spark checks its own when it starts; lotus reads configs and indices with the same one. */
    @Test
    void jacksonIsSparks() {
        assertThat(new ObjectMapper().version().toString())
                .isEqualTo(com.fasterxml.jackson.module.scala.JacksonModule$.MODULE$
                        .version()
                        .toString());
    }
}
