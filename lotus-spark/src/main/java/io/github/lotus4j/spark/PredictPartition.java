package io.github.lotus4j.spark;

import io.github.lotus4j.Geometry;
import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.InsufficientMemoryException;
import io.github.lotus4j.error.LotusException;
import io.github.lotus4j.image.ImageException;
import io.github.lotus4j.image.ImageFile;
import java.awt.Dimension;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** Predicts one row after the other, when it is asked for: of a partition, one image is in memory. */
final class PredictPartition implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final ModelSettings model;
    private final PredictionSettings prediction;
    private final InputColumn input;
    private final OutputColumns outputs;

    PredictPartition(ModelSettings model, PredictionSettings prediction, InputColumn input, OutputColumns outputs) {
        this.model = model;
        this.prediction = prediction;
        this.input = input;
        this.outputs = outputs;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return new Predictions(rows, TaskContext.get());
    }

    private final class Predictions implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final TaskContext task;
        private final PredictionOptions options;
        private ModelPool.@Nullable Lease lease;

        Predictions(Iterator<Row> rows, TaskContext task) {
            this.rows = rows;
            this.task = task;
            options = prediction.options().withCancellation(task::isInterrupted);
        }

        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Row next() {
            Row row = rows.next();
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < row.length(); i++) {
                if (i != input.index() || !input.bytes()) {
                    values.add(row.get(i));
                }
            }
            values.addAll(predicted(row, lease()));
            return RowFactory.create(values.toArray());
        }

        /** Of the first row: a partition without rows loads nothing. Given back when the task ends, however it does. */
        private ModelPool.Lease lease() {
            ModelPool.Lease held = lease;
            if (held == null) {
                held = ExecutorModels.POOL.borrow(new ModelPool.Key(model, Placement.of(model.backend(), task)));
                ModelPool.Lease taken = held;
                task.addTaskCompletionListener((TaskCompletionListener) _ -> taken.close());
                held.require(options);
                lease = held;
            }
            return held;
        }

        /**
         * What is wrong with an image is its row's; weights that are damaged, a device that fails, a model that is closed and a task that is killed are the task's.
         */
        private List<@Nullable Object> predicted(Row row, ModelPool.Lease held) {
            try {
                return held.predict(lotus -> predict(lotus, row));
            } catch (ImageException | InsufficientMemoryException e) {
                return outputs.failed(reason(e));
            } catch (LotusException e) {
                if (e.getClass() == LotusException.class) { // sizes that the model cannot take
                    return outputs.failed(reason(e));
                }
                throw e;
            }
        }

        private String reason(LotusException e) {
            return Objects.toString(e.getMessage(), e.toString());
        }

        private List<@Nullable Object> predict(Lotus lotus, Row row) {
            RgbImage image = decode(row);
            if (!outputs.normal()) {
                return outputs.of(lotus.predictDepth(image, options), null);
            }
            if (!outputs.depth()) {
                return outputs.of(null, lotus.predictNormal(image, options));
            }
            Geometry geometry = lotus.predictGeometry(image, options);
            return outputs.of(geometry.depth(), geometry.normals());
        }

        private RgbImage decode(Row row) {
            String name = input.imageName(row);
            byte[] file = input.read(row, prediction.maxPixels());
            Dimension size = ImageFile.size(name, file);
            if ((long) size.width * size.height > prediction.maxPixels()) {
                throw new ImageException("%s has %d×%d pixels, expected at most %d in all"
                        .formatted(name, size.width, size.height, prediction.maxPixels()));
            }
            return RgbImage.decode(name, file);
        }
    }
}
