// Run by jshell, see README.md; without the last line it stays open, with lotus, image and depth at hand.
import io.github.lotus4j.*
import io.github.lotus4j.output.*

var lotus = Lotus.nano()
var image = RgbImage.read(Path.of(System.getProperty("image")))
var depth = lotus.predictDepth(image)
System.out.println(depth + ", in the middle " + depth.at(depth.width() / 2, depth.height() / 2))
var written = new PredictionWriter(Path.of(System.getProperty("output", "lotus-output")), Set.of(Format.PNG)).write("photo", depth)
System.out.println(written)
lotus.close()
/exit
