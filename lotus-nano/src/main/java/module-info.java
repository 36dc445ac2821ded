/** Two miniature checkpoints as resources; {@code index.txt} lists their files. */
@SuppressWarnings("opens") // a package of resources only
module io.github.lotus4j.nano {
    opens io.github.lotus4j.nano;
}
