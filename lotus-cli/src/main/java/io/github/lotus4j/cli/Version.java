package io.github.lotus4j.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says, of every command. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"lotus 0.1.0-SNAPSHOT"};
    }
}
