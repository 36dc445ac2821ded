/** The operators on the CPU: packed panels, one team of threads, Vector API kernels where the module is present. */
@NullMarked
package io.github.lotus4j.cpu;

import org.jspecify.annotations.NullMarked;
