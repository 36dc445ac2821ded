/* Mouse, pen, fingers and keys steer the camera. */

const KEY_TURN = Math.PI / 36;
const KEY_MOVE = 0.05;
const KEY_ZOOM = 1.15;
const WHEEL_LINE = 16; // pixels, where a browser counts lines

/** @param changed called after the camera was steered */
function steer(canvas, camera, changed) {
    const pointers = new Map();
    const aspect = () => canvas.clientWidth / canvas.clientHeight;
    const share = (pixels) => pixels / canvas.clientHeight;

    /** Where the pointers are together, and how far they are apart. */
    function grip() {
        const points = [...pointers.values()];
        const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
        const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
        return { x, y, spread: Math.hypot(points[0].x - x, points[0].y - y) };
    }

    canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    for (const end of ["pointerup", "pointercancel"]) {
        canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
    canvas.addEventListener("contextmenu", (event) => event.preventDefault()); // the right button moves

    canvas.addEventListener("pointermove", (event) => {
        if (!pointers.has(event.pointerId)) {
            return;
        }
        const before = grip();
        pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        const now = grip();
        const [right, down] = [share(now.x - before.x), share(now.y - before.y)];
        if (pointers.size > 1) {
            camera.move(right, -down, aspect());
            camera.zoom(before.spread > 0 && now.spread > 0 ? now.spread / before.spread : 1);
        } else if (event.shiftKey || event.buttons > 1) {
            camera.move(right, -down, aspect());
        } else {
            camera.turn(-Math.PI * right, Math.PI * down);
        }
        changed();
    });

    canvas.addEventListener(
        "wheel",
        (event) => {
            event.preventDefault();
            const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1);
            camera.zoom(Math.exp(-pixels / 500));
            changed();
        },
        { passive: false },
    );

    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    canvas.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        const arrow = arrows[event.key];
        if (arrow && event.shiftKey) {
            camera.move(KEY_MOVE * arrow[0], KEY_MOVE * arrow[1], aspect());
        } else if (arrow) {
            camera.turn(-KEY_TURN * arrow[0], -KEY_TURN * arrow[1]); // the shape goes where the arrow points
        } else if (event.key === "+" || event.key === "=") {
            camera.zoom(KEY_ZOOM);
        } else if (event.key === "-") {
            camera.zoom(1 / KEY_ZOOM);
        } else if (event.key === "Home") {
            camera.reset();
        } else {
            return;
        }
        event.preventDefault();
        changed();
    });
}
