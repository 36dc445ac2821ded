package io.github.lotus4j.cpu;

/**
 * An operator whose shapes, places in memory and temporary memory are settled; can run again on other content. Running one
 * that a prediction uses allocates nothing, but for a few sums with {@link ScalarKernels}.
 */
interface Operator {
    void run();
}
