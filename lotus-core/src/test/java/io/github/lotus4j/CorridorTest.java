package io.github.lotus4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An image walks down one corridor: API, pipeline, model, operators, kernels; no room looks back. */
class CorridorTest {
    private static final String ROOT = "io.github.lotus4j";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @ParameterizedTest
    @CsvSource({
        "weights, hub ops model pipeline cpu image output eval geometry",
        "hub, ops model pipeline cpu image output eval geometry",
        "error, weights hub ops model pipeline cpu image output eval geometry",
        "image, weights ops model pipeline cpu output eval geometry",
        "ops, model pipeline cpu image output eval geometry",
        "cpu, model pipeline image output eval geometry",
        "model, pipeline cpu image output eval geometry",
        "pipeline, cpu output eval geometry",
        "geometry, weights hub ops model pipeline cpu image output eval",
        "output, weights ops model pipeline cpu",
        "eval, cpu output geometry"
    })
    void noRoomLooksBack(String room, String forbidden) {
        String[] packages = Arrays.stream(forbidden.split(" ", -1))
                .map(each -> ROOT + "." + each + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(CLASSES);
    }

    @ParameterizedTest
    @CsvSource({"weights", "error", "hub", "image", "ops", "cpu", "model", "pipeline", "eval"})
    void onlyOutputsAndShapesKnowTheApi(String room) {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT)
                .check(CLASSES);
    }

    @Test
    void modelKnowsNoThreadAndNoMemory() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.lang.foreign..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(CLASSES);
    }

    @Test
    void vectorsStayInTheKernels() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cpu..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(CLASSES);
    }

    @Test
    void nobodyEndsTheProcessOrHooksIntoItsEnd() {
        noClasses()
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .orShould()
                .callMethod(Runtime.class, "addShutdownHook", Thread.class)
                .check(CLASSES);
    }

    @Test
    void namesSayWhatThingsAre() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .check(CLASSES);
    }
}
