package io.github.lotus4j.cli.plan;

import io.github.lotus4j.Lotus;
import io.github.lotus4j.PredictionOptions;
import io.github.lotus4j.RgbImage;
import java.util.Locale;

/** What is predicted of each image. */
public enum Predicted {
    DEPTH(1) {
        @Override
        void predict(Lotus lotus, RgbImage image, PredictionOptions options) {
            lotus.predictDepth(image, options);
        }
    },
    NORMAL(1) {
        @Override
        void predict(Lotus lotus, RgbImage image, PredictionOptions options) {
            lotus.predictNormal(image, options);
        }
    },
    GEOMETRY(2) {
        @Override
        void predict(Lotus lotus, RgbImage image, PredictionOptions options) {
            lotus.predictGeometry(image, options);
        }
    };

    private final int maps;

    Predicted(int maps) {
        this.maps = maps;
    }

    /** How many. */
    int maps() {
        return maps;
    }

    /** Predicts, by a lotus that has loaded what it takes. */
    abstract void predict(Lotus lotus, RgbImage image, PredictionOptions options);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
