/** The networks of Stable Diffusion 2 as Lotus uses them, one class a module of the checkpoint, in the checkpoint's words. */
@NullMarked
package io.github.lotus4j.model;

import org.jspecify.annotations.NullMarked;
