package io.github.lotus4j.spark;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.FloatType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.Provenance;
import io.github.lotus4j.output.Format;
import io.github.lotus4j.output.PredictionFile;
import io.github.lotus4j.output.PredictionFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.ArraySeq;

/**
 * What a prediction adds to a row. All may be null: of an image that failed all are but {@code failure}, of another one that is.
 *
 * @param depth whether depth is predicted
 * @param normal whether normals are
 */
record OutputColumns(boolean depth, boolean normal, MapEncoding encoding) implements Serializable {
    static final String CHECKPOINT = "checkpoint";
    static final String FAILURE = "failure";

    private static final PredictionFiles PNG_FILES = new PredictionFiles(Set.of(Format.PNG));

    /** Their names, types and order. */
    List<StructField> fields() {
        DataType map = encoding == MapEncoding.PNG ? BinaryType : DataTypes.createArrayType(FloatType, false);
        List<StructField> fields = new ArrayList<>();
        fields.add(field("width", IntegerType));
        fields.add(field("height", IntegerType));
        if (depth) {
            fields.add(field("kind", StringType));
            fields.add(field("depth", map));
            fields.add(field("depth_min", FloatType));
            fields.add(field("depth_max", FloatType));
            fields.add(field("depth_mean", DoubleType));
        }
        if (normal) {
            fields.add(field("normals", map));
        }
        fields.add(field(CHECKPOINT, StringType));
        fields.add(field(FAILURE, StringType));
        return fields;
    }

    private static StructField field(String name, DataType type) {
        return DataTypes.createStructField(name, type, true);
    }

    /** The values of an image that was predicted. */
    List<@Nullable Object> of(@Nullable DepthMap depthMap, @Nullable NormalMap normalMap) {
        List<@Nullable Object> values = new ArrayList<>();
        List<Optional<Provenance>> made = new ArrayList<>();
        if (depthMap != null) {
            values.add(depthMap.width());
            values.add(depthMap.height());
            addDepth(values, depthMap);
            made.add(depthMap.provenance());
        }
        if (normalMap != null) {
            if (depthMap == null) {
                values.add(normalMap.width());
                values.add(normalMap.height());
            }
            values.add(
                    encoding == MapEncoding.PNG
                            ? bytes(PNG_FILES.of("image", normalMap).getFirst())
                            : sequence(normalMap.toArray()));
            made.add(normalMap.provenance());
        }
        values.add(checkpoints(made.stream().flatMap(Optional::stream)));
        values.add(null);
        return values;
    }

    private void addDepth(List<@Nullable Object> values, DepthMap map) {
        float[] depths = map.toArray();
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        double sum = 0;
        for (float value : depths) {
            min = Math.min(min, value);
            max = Math.max(max, value);
            sum += value;
        }
        values.add(map.kind().name());
        values.add(
                encoding == MapEncoding.PNG ? bytes(PNG_FILES.of("image", map).getFirst()) : sequence(depths));
        values.add(min);
        values.add(max);
        values.add(sum / depths.length);
    }

    /** What executors have loaded may differ where a path leads to different files: rows tell. */
    private static String checkpoints(Stream<Provenance> made) {
        return made.map(each -> each.checkpoint() + " " + each.fingerprint()).collect(Collectors.joining(", "));
    }

    /** The values of an image that failed. */
    List<@Nullable Object> failed(String reason) {
        List<@Nullable Object> values = new ArrayList<>();
        int nulls = fields().size() - 1;
        for (int i = 0; i < nulls; i++) {
            values.add(null);
        }
        values.add(reason);
        return values;
    }

    /** Not boxed before Spark copies it. */
    private static Object sequence(float[] values) {
        return new ArraySeq.ofFloat(values);
    }

    private static byte[] bytes(PredictionFile file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            file.content().writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("a PNG cannot be written to memory", e);
        }
        return out.toByteArray();
    }
}
