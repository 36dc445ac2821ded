/** The operator contract between the models and the devices: a prepare phase for weights, a run phase for tensors. */
@NullMarked
package io.github.lotus4j.ops;

import org.jspecify.annotations.NullMarked;
