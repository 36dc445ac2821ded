package io.github.lotus4j.cli;

import io.github.lotus4j.Lotus;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says, of every command. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"lotus " + Lotus.version()};
    }
}
