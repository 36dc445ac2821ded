/* Brings the parts of the page together. */

const byId = (id) => document.getElementById(id);

function say(message) {
    byId("notice").textContent = message;
    byId("notice").hidden = false;
}

/** Draws when something has changed, once a frame at most. */
function onceAFrame(draw) {
    let asked = false;
    return () => {
        if (!asked) {
            asked = true;
            requestAnimationFrame(() => {
                asked = false;
                draw();
            });
        }
    };
}

function showShape(data, pictures) {
    const canvas = byId("view");
    const controls = byId("controls");
    const view = new ShapeView(canvas, data, pictures);
    const camera = new OrbitCamera(data);
    const changed = onceAFrame(() => view.draw(camera, controls.elements.colours.value));
    steer(canvas, camera, changed);
    controls.addEventListener("change", changed);
    controls.addEventListener("reset", (event) => {
        event.preventDefault(); // of the view, not of the colours
        camera.reset();
        changed();
    });
    canvas.addEventListener("webglcontextrestored", changed);
    new ResizeObserver(changed).observe(canvas);
    view.draw(camera, controls.elements.colours.value);
}

async function open() {
    for (const form of document.forms) {
        form.addEventListener("submit", (event) => event.preventDefault()); // by Enter: there is nowhere to send it
    }
    const photograph = byId("photograph");
    const normals = byId("normals"); // null where none were predicted
    byId("sides").hidden = !normals; // there is nothing to choose from
    const data = await ShapeData.read(byId("shape"));
    const palette = paletteOf(byId("palette").textContent);
    paintDepth(byId("depth"), data, palette);
    compare(byId("split"), byId("sides"), normals ? { depth: byId("depth"), normals } : { depth: byId("depth") });
    await Promise.all([photograph, normals].filter(Boolean).map((picture) => picture.decode()));
    try {
        showShape(data, { photograph, palette, normals });
    } catch (error) {
        byId("shape-section").hidden = true;
        throw error;
    }
}

open()
    .catch((error) => say(error.message))
    .finally(() => byId("main").removeAttribute("aria-busy"));
