/* The photograph beside what was predicted, with a line between them that moves. */

/** The palette as a row of pixels: from near to far. */
function paletteOf(base64) {
    const colours = bytesOf(base64);
    const row = new ImageData(colours.length / 3, 1);
    for (let i = 0; i < row.width; i++) {
        row.data.set([colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255], 4 * i);
    }
    return row;
}

/** Depth in the palette's colours; clear where it is not known. */
function paintDepth(canvas, data, palette) {
    const picture = new ImageData(data.width, data.height);
    const last = palette.width - 1;
    data.depth.forEach((depth, i) => {
        if (depth > 0) {
            const step = Math.min(Math.floor((1 - data.nearness(depth)) * palette.width), last);
            for (let channel = 0; channel < 4; channel++) {
                picture.data[4 * i + channel] = palette.data[4 * step + channel];
            }
        }
    });
    [canvas.width, canvas.height] = [data.width, data.height];
    canvas.getContext("2d").putImageData(picture, 0, 0);
}

/** @param pictures what may lie over the photograph, by name */
function compare(split, sides, pictures) {
    function show() {
        for (const [name, picture] of Object.entries(pictures)) {
            picture.hidden = name !== sides.elements.side.value;
            picture.style.clipPath = `inset(0 0 0 ${split.value}%)`;
        }
    }
    split.addEventListener("input", show);
    sides.addEventListener("change", show);
    show();
}
