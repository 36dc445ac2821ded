package io.github.lotus4j.ops;

/** Handle of a prepared convolution. */
public interface Conv2d {
    String name();

    int inChannels();

    int outChannels();

    Window window();
}
