/** Video files, read and written by ffmpeg. */
@NullMarked
package io.github.lotus4j.cli.video;

import org.jspecify.annotations.NullMarked;
