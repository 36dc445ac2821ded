package io.github.lotus4j.faults;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Of a test that injects a fault: its line in the table of faults, which {@code scripts/faults} makes. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Fault {
    /** What goes wrong. */
    String value();

    /** How the test has it go wrong. */
    String by();

    /** What then happens, as the test asserts. */
    String then();
}
