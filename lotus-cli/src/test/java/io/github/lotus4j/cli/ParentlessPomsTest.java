package io.github.lotus4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Poms whose parent is not ours say for themselves what others inherit. */
class ParentlessPomsTest {
    private static final List<String> NO_LIBRARIES = List.of("lotus-cli", "lotus-bom", "benchmarks");

    /** Who imports a pom gets all that it and its parents manage. */
    @Test
    void importersGetVersionsOfOurLibrariesAlone() throws Exception {
        Document bom = pom("lotus-bom");
        assertThat(texts(bom, "/project/parent/artifactId")).isEmpty();
        assertThat(texts(bom, "//dependencyManagement//dependency/groupId")).containsOnly("io.github.lotus4j");
        assertThat(texts(bom, "//dependencyManagement//dependency/version")).containsOnly("${project.version}");
        List<String> libraries = texts(pom("."), "/project/modules/module").stream()
                .filter(module -> !NO_LIBRARIES.contains(module))
                .toList();
        assertThat(texts(bom, "//dependencyManagement//dependency/artifactId"))
                .containsExactlyInAnyOrderElementsOf(libraries);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lotus-bom", "examples/plain", "examples/service", "examples/jshell"})
    void versionsAreThoseOfTheTable(String folder) throws Exception {
        Map<String, String> table = versions(pom("."));
        table.put("lotus-bom", table.get("lotus-parent"));
        table.put("junit-jupiter", table.get("junit-bom"));
        Map<String, String> said = versions(pom(folder));
        said.keySet().retainAll(table.keySet());
        assertThat(said).isNotEmpty();
        assertThat(table).containsAllEntriesOf(said);
    }

    /** Of each artifact that has one, with properties' values. */
    private static Map<String, String> versions(Document pom) throws Exception {
        Map<String, String> versions = new HashMap<>();
        for (Node each : nodes(pom, "//version[../artifactId]")) {
            String artifact = text(each, "../artifactId");
            String version = each.getTextContent();
            if (version.equals("${project.version}")) {
                version = text(pom, "/project/version");
            } else if (version.startsWith("${")) {
                version = text(pom, "/project/properties/" + version.substring(2, version.length() - 1));
            }
            versions.put(artifact, version);
        }
        return versions;
    }

    private static Document pom(String folder) throws Exception {
        Path file = Path.of("..", folder, "pom.xml");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }

    private static List<String> texts(Document pom, String path) throws Exception {
        return nodes(pom, path).stream().map(Node::getTextContent).toList();
    }

    private static List<Node> nodes(Document pom, String path) throws Exception {
        NodeList found = (NodeList) XPathFactory.newInstance().newXPath().evaluate(path, pom, XPathConstants.NODESET);
        return IntStream.range(0, found.getLength()).mapToObj(found::item).toList();
    }

    private static String text(Node from, String path) throws Exception {
        return XPathFactory.newInstance().newXPath().evaluate(path, from);
    }
}
