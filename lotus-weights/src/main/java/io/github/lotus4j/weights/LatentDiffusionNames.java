package io.github.lotus4j.weights;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the original code of latent diffusion calls parameters (Rombach et al. 2022; CompVis, Stability AI), and so the files that
 * ComfyUI uses. It numbers layers by their place in lists, where today's names (diffusers') say level and layer. The layers are the
 * same, so each name has exactly one counterpart.
 */
final class LatentDiffusionNames {
    /** Of a VAE's training; no part of it. */
    private static final List<String> TRAINING = List.of("loss.", "model_ema.");

    private final String prefix;
    private final Map<String, String> originals; // by today's names: of modules and, where they differ, of their layers
    private final Map<String, String> todays;

    private LatentDiffusionNames(String prefix, Map<String, String> originals) {
        this.prefix = prefix;
        this.originals = Map.copyOf(originals);
        todays = new HashMap<>();
        originals.forEach((today, original) -> todays.put(original, today));
    }

    /**
     * @param stored the names in the component's files
     * @return nothing where they are not the original ones of such a component
     */
    static Optional<LatentDiffusionNames> of(String component, Collection<String> stored) {
        return switch (component) {
            case "unet" ->
                prefix(LatentDiffusionUnet.MARK, stored)
                        .map(prefix ->
                                new LatentDiffusionNames(prefix, LatentDiffusionUnet.originals(own(stored, prefix))));
            case "vae" ->
                prefix(LatentDiffusionVae.MARK, stored)
                        .map(prefix ->
                                new LatentDiffusionNames(prefix, LatentDiffusionVae.originals(own(stored, prefix))));
            default -> Optional.empty();
        };
    }

    /** What stands before the mark in all names of a component, such as {@code model.diffusion_model.}; often nothing. */
    private static Optional<String> prefix(Pattern mark, Collection<String> stored) {
        return stored.stream()
                .map(mark::matcher)
                .filter(Matcher::lookingAt)
                .map(found -> found.group(1))
                .findFirst();
    }

    private static Set<String> own(Collection<String> stored, String prefix) {
        return stored.stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .collect(Collectors.toSet());
    }

    /**
     * Today's name of what is stored; what is no part of such a component keeps its name.
     *
     * @return nothing where it belongs to another component of the same file, or to training
     */
    Optional<String> today(String stored) {
        if (!stored.startsWith(prefix)) {
            return Optional.empty();
        }
        String name = stored.substring(prefix.length());
        return TRAINING.stream().anyMatch(name::startsWith)
                ? Optional.empty()
                : translated(name, todays).or(() -> Optional.of(name));
    }

    /** Under which name the parameter would be stored; nothing where such a component has no such parameter. */
    Optional<String> original(String today) {
        return translated(today, originals).map(prefix::concat);
    }

    /** The longest part of the name that is a module's is replaced, then that of its layer, if it has another name. */
    private static Optional<String> translated(String name, Map<String, String> names) {
        for (int end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String module = names.get(name.substring(0, end));
            if (module != null) {
                String rest = name.substring(end + 1);
                int last = rest.lastIndexOf('.');
                String layer = last < 0 ? null : names.get("*." + rest.substring(0, last));
                return Optional.of(module + "." + (layer == null ? rest : layer.substring(2) + rest.substring(last)));
            }
        }
        return Optional.empty();
    }
}
