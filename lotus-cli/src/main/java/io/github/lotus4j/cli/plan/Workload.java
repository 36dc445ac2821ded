package io.github.lotus4j.cli.plan;

import java.util.OptionalDouble;

/**
 * How much there is to do, and by what.
 *
 * @param machines all alike, with one process each
 * @param price of a machine and hour, in any currency
 */
public record Workload(ImageSize image, long images, int machines, OptionalDouble price) {
    /** Of all machines together. */
    double imagesAnHour(double secondsAnImage) {
        return 3600.0 * machines / secondsAnImage;
    }

    /** Until all is done. */
    double hours(double secondsAnImage) {
        return machineHours(secondsAnImage) / machines;
    }

    /** Of all machines, to the second; what is billed by the hour costs a little more. */
    OptionalDouble cost(double secondsAnImage) {
        return price.isPresent()
                ? OptionalDouble.of(machineHours(secondsAnImage) * price.getAsDouble())
                : OptionalDouble.empty();
    }

    private double machineHours(double secondsAnImage) {
        return secondsAnImage * images / 3600;
    }
}
