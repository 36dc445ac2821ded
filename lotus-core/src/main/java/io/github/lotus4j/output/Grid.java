package io.github.lotus4j.output;

import io.github.lotus4j.DepthMap;
import io.github.lotus4j.NormalMap;
import io.github.lotus4j.SpreadMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A map's numbers, and what they are.
 *
 * @param name of the array, and behind the image's name of the map's files
 * @param numbers copies the values, {@code [height, width]} or {@code [height, width, 3]}: what waits to be written holds no copy
 * @param metadata what the numbers themselves are
 */
record Grid(String name, int width, int height, int channels, Supplier<float[]> numbers, Metadata metadata) {
    /** Depth and, of an ensemble, its spread. */
    static List<Grid> of(DepthMap depth) {
        Metadata metadata = Metadata.of(depth);
        Grid grid = new Grid("depth", depth.width(), depth.height(), 1, depth::toArray, metadata);
        return with(grid, depth.spread(), "median absolute deviation of the ensemble, in the units of depth");
    }

    /** Normals and, of an ensemble, their spread. */
    static List<Grid> of(NormalMap normals) {
        Metadata metadata = Metadata.of(normals);
        Grid grid = new Grid("normal", normals.width(), normals.height(), 3, normals::toArray, metadata);
        return with(grid, normals.spread(), "mean angle of the ensemble, in degrees");
    }

    private static List<Grid> with(Grid map, Optional<SpreadMap> spread, String meaning) {
        return Stream.concat(Stream.of(map), spread.stream().map(each -> map.spread(each, meaning)))
                .toList();
    }

    private Grid spread(SpreadMap spread, String meaning) {
        Metadata said = metadata.with("kind", "spread of " + metadata.entries().get("kind"))
                .with("meaning", meaning);
        return new Grid(name + "_spread", spread.width(), spread.height(), 1, spread::toArray, said);
    }

    /** A copy. */
    float[] values() {
        return numbers.get();
    }

    /** As NumPy has it: the outermost dimension first. */
    int[] shape() {
        return channels == 1 ? new int[] {height, width} : new int[] {height, width, channels};
    }
}
