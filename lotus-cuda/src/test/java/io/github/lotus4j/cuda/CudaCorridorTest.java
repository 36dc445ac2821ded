package io.github.lotus4j.cuda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** A backend stands at the corridor's end: it knows the contract and the weights, and nothing knows it. */
class CudaCorridorTest {
    private static final String ROOT = "io.github.lotus4j";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void backendKnowsTheContractOnly() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT,
                        ROOT + ".model..",
                        ROOT + ".pipeline..",
                        ROOT + ".cpu..",
                        ROOT + ".image..",
                        ROOT + ".output..",
                        ROOT + ".eval..")
                .check(CLASSES);
    }

    @Test
    void onlyTheBackendKnowsTheDevice() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jcuda..", ROOT + ".cuda..")
                .check(CLASSES);
    }

    @Test
    void usersSeeTheProviderAndTheExceptionOnly() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".cuda..")
                .and()
                .arePublic()
                .should()
                .haveSimpleNameStartingWith("Cuda")
                .check(CLASSES);
    }
}
