package io.github.lotus4j.cli.eval;

import io.github.lotus4j.RgbImage;
import io.github.lotus4j.error.LotusException;
import java.util.List;
import java.util.function.Function;

/**
 * Images with depth, in the layouts that Marigold's evaluation, which Lotus's follows, publishes its data sets in. Ke et al. 2024.
 *
 * @param format what depth is stored as
 * @param columns files of a line of the list
 * @param min depth in metres from which on it counts
 * @param max up to which it counts
 * @param crop the part of images and depth that is used at all, by their size
 * @param counted the part whose pixels count, by the size of what is used
 * @param naming what others call a prediction, by the image's file name without suffix
 */
record DepthLayout(
        DepthFormat format,
        int columns,
        double min,
        double max,
        Part crop,
        Part counted,
        Function<String, List<String>> naming)
        implements Layout {
    /** A part of an image of some size. */
    @FunctionalInterface
    interface Part {
        Area of(int width, int height);
    }

    static final Part WHOLE = (width, height) -> new Area(0, 0, width, height);

    /** The part of a frame of NYUv2 that Kinect's depth covers. Eigen et al. 2014. */
    static final Part EIGEN_INDOOR = (_, _) -> new Area(41, 45, 560, 426);

    /** The lower middle that all of KITTI's frames have, as its benchmark of depth takes them. Uhrig et al. 2017. */
    static final Part KITTI_BENCHMARK = (width, height) -> new Area((width - 1216) / 2, height - 352, 1216, 352);

    /** Of a frame of KITTI, where a laser's depth is to be trusted. Eigen et al. 2014. */
    static final Part EIGEN_ROAD = (width, height) -> {
        int left = (int) (0.0359477 * width);
        int top = (int) (0.3324324 * height);
        return new Area(left, top, (int) (0.96405229 * width) - left, (int) (0.91351351 * height) - top);
    };

    @Override
    public RgbImage image(DataSource data, List<String> files) {
        String name = files.getFirst();
        RgbImage image = Picture.rgb(data.describe(name), data.read(name));
        Area area = crop.of(image.width(), image.height());
        requireInside(data.describe(name), area, image.width(), image.height());
        return area.equals(WHOLE.of(image.width(), image.height())) ? image : area.of(image);
    }

    private static void requireInside(String name, Area area, int width, int height) {
        if (!area.isInside(width, height)) {
            throw new LotusException("%s: found %d×%d pixels, expected at least %d×%d, of which results count"
                    .formatted(name, width, height, area.width(), area.height()));
        }
    }

    @Override
    public Truth truth(DataSource data, List<String> files, RgbImage image) {
        String name = data.describe(files.get(1));
        Plane stored = format.metres(name, data.read(files.get(1)), image.width(), image.height());
        Area area = crop.of(stored.width(), stored.height());
        requireInside(name, area, stored.width(), stored.height());
        Plane metres = stored.cropped(area);
        if (metres.width() != image.width() || metres.height() != image.height()) {
            throw new LotusException("%s: found %d×%d pixels, expected %d×%d as of the image"
                    .formatted(name, metres.width(), metres.height(), image.width(), image.height()));
        }
        boolean[] valid = format.hasMask() ? mask(data, files.get(2), metres) : valid(metres, name);
        return new Truth(metres.width(), metres.height(), metres.values(), valid);
    }

    private boolean[] valid(Plane metres, String name) {
        Area part = counted.of(metres.width(), metres.height());
        requireInside(name, part, metres.width(), metres.height());
        boolean[] valid = new boolean[metres.values().length];
        for (int i = 0; i < valid.length; i++) {
            float depth = metres.values()[i];
            valid[i] =
                    depth > (float) min && depth < (float) max && part.contains(i % metres.width(), i / metres.width());
        }
        return valid;
    }

    /** Of a file of its own, by which alone pixels count. */
    private static boolean[] mask(DataSource data, String file, Plane metres) {
        String name = data.describe(file);
        Plane mask = NpyArray.parse(name, data.read(file)).plane(name, 1);
        if (mask.width() != metres.width() || mask.height() != metres.height()) {
            throw new LotusException("%s: found %d×%d pixels, expected %d×%d as of the depth"
                    .formatted(name, mask.width(), mask.height(), metres.width(), metres.height()));
        }
        boolean[] valid = new boolean[mask.values().length];
        for (int i = 0; i < valid.length; i++) {
            valid[i] = mask.values()[i] != 0;
        }
        return valid;
    }

    @Override
    public List<String> together(String image) {
        return List.of(image, Naming.inFolder(Naming.TRUTH, Naming.withoutSuffix(image)) + "_depth.png");
    }

    @Override
    public List<String> predictions(String image) {
        int leaf = image.lastIndexOf('/') + 1;
        return naming.apply(image.substring(leaf)).stream()
                .map(name -> image.substring(0, leaf) + name)
                .toList();
    }
}
