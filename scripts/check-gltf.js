// Has Khronos' validator read GLB files that this project wrote: no error, no warning.
//
//     NODE_PATH=build/check-written/node_modules node scripts/check-gltf.js lotus-output/*.glb
//
// after scripts/check-written, which installs it.
'use strict';
const fs = require('node:fs');
const validator = require('gltf-validator');

async function check(path) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(path)));
    const {numErrors, numWarnings, messages} = report.issues;
    const {totalVertexCount = 0, totalTriangleCount = 0} = report.info ?? {}; // absent of what is no GLB at all
    console.log(`${path}: ${numErrors} errors, ${numWarnings} warnings; ${totalVertexCount} points, ${totalTriangleCount} triangles`);
    for (const each of messages) {
        console.log(`  ${each.code} at ${each.pointer}: ${each.message}`);
    }
    return numErrors + numWarnings === 0 && totalVertexCount > 0;
}

(async () => {
    const paths = process.argv.slice(2);
    let passed = 0;
    for (const path of paths) {
        passed += await check(path) ? 1 : 0;
    }
    console.log(`glTF validator ${validator.version()}: ${passed} of ${paths.length} valid`);
    process.exitCode = passed > 0 && passed === paths.length ? 0 : 1;
})();
