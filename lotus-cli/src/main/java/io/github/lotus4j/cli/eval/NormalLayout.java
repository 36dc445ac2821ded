package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.util.List;

/**
 * Images with normals, in the layout that DSINE's evaluation, which Lotus's follows, publishes its data sets in: NAME_img.png and
 * NAME_normal.png, .exr or .pkl. Bae and Davison 2024.
 */
enum NormalLayout implements Layout {
    /** PNG of 8 bits a channel, (n + 1) / 2; black where nothing is known. */
    PNG("", ".png") {
        @Override
        Truth truth(String name, byte[] file, RgbImage image) {
            return colours(name, file);
        }
    },
    /** The same in a folder truth beside the images. */
    OWN(Naming.TRUTH, ".png") {
        @Override
        Truth truth(String name, byte[] file, RgbImage image) {
            return colours(name, file);
        }
    },
    /** OpenEXR; shorter than 0.5 where nothing is known. */
    EXR("", ".exr") {
        @Override
        Truth truth(String name, byte[] file, RgbImage image) {
            Plane plane = ExrImage.parse(name, file);
            float[] normals = plane.values();
            boolean[] valid = new boolean[normals.length / 3];
            for (int i = 0; i < valid.length; i++) {
                double squares = 0;
                for (int c = 0; c < 3; c++) {
                    squares += (double) normals[3 * i + c] * normals[3 * i + c];
                }
                valid[i] = Math.sqrt(squares) > 0.5;
            }
            return new Truth(plane.width(), plane.height(), normals, valid);
        }
    },
    /** A pickle of a part of the image, as OASIS has them; x and y the other way round. */
    PICKLE("", ".pkl") {
        @Override
        Truth truth(String name, byte[] file, RgbImage image) {
            PickledNormals part = PickledNormals.parse(name, file);
            Area area = part.area();
            if (!area.isInside(image.width(), image.height())) {
                throw new LotusException("%s: found normals of %s, expected a part of %d×%d pixels"
                        .formatted(name, area, image.width(), image.height()));
            }
            float[] normals = new float[3 * image.width() * image.height()];
            boolean[] valid = new boolean[image.width() * image.height()];
            for (int i = 0; i < area.width() * area.height(); i++) {
                int at = (area.top() + i / area.width()) * image.width() + area.left() + i % area.width();
                for (int c = 0; c < 3; c++) {
                    float component = part.normals()[3 * i + c];
                    normals[3 * at + c] = c < 2 ? -component : component;
                    valid[at] |= component != 0;
                }
            }
            return new Truth(image.width(), image.height(), normals, valid);
        }
    };

    private static final String IMAGE = "_img";

    private final String folder;
    private final String suffix;

    /** @param folder of the truth, beside the image */
    NormalLayout(String folder, String suffix) {
        this.folder = folder;
        this.suffix = suffix;
    }

    private static Truth colours(String name, byte[] file) {
        PngSamples samples = PngSamples.parse(name, file, 3);
        boolean[] valid = new boolean[samples.samples().length / 3];
        for (int i = 0; i < samples.samples().length; i++) {
            valid[i / 3] |= samples.samples()[i] > 0;
        }
        return new Truth(
                samples.width(), samples.height(), samples.unitVectors().values(), valid);
    }

    abstract Truth truth(String name, byte[] file, RgbImage image);

    @Override
    public int columns() {
        return 1;
    }

    @Override
    public RgbImage image(DataSource data, List<String> files) {
        String name = files.getFirst();
        return Picture.rgb(data.describe(name), data.read(name));
    }

    @Override
    public Truth truth(DataSource data, List<String> files, RgbImage image) {
        String file = together(files.getFirst()).getLast();
        String name = data.describe(file);
        Truth truth = truth(name, data.read(file), image);
        if (truth.width() != image.width() || truth.height() != image.height()) {
            throw new LotusException("%s: found %d×%d pixels, expected %d×%d as of the image"
                    .formatted(name, truth.width(), truth.height(), image.width(), image.height()));
        }
        return truth;
    }

    /** Without {@code _img} and suffix. */
    private static String stem(String image) {
        int leaf = image.lastIndexOf('/') + 1;
        int mark = image.lastIndexOf(IMAGE);
        int dot = image.lastIndexOf('.');
        int end = mark > leaf ? mark : dot > leaf ? dot : image.length();
        return image.substring(0, end);
    }

    @Override
    public List<String> together(String image) {
        return List.of(image, Naming.inFolder(folder, stem(image)) + "_normal" + suffix);
    }

    /** SCENE_NAME_norm, as Lotus's evaluation reads them. */
    @Override
    public List<String> predictions(String image) {
        return List.of(stem(image).replace('/', '_') + "_norm");
    }
}
