#!/usr/bin/env bash
# build-ptx.sh NVCC [--check]: compiles kernels.cu to the PTX beside the classes, with the assembler's report for every
# architecture; with --check only compares. nvcc without a toolkit: pip install nvidia-cuda-nvcc nvidia-cuda-cccl.
set -euo pipefail
cd "$(dirname "$0")"
nvcc=$1
resources=../resources/io/github/lotus4j/cuda
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for architecture in 75 80; do
    # -fmad is nvcc's default; .version is lowered to the oldest that has every instruction used here, for CUDA 12's drivers
    "$nvcc" -ptx -O3 -std=c++17 -arch="compute_$architecture" -o "$work/kernels_$architecture.ptx" kernels.cu
    sed -i -e 's/^\.version .*/.version 7.0/' -e '/^\/\//d' "$work/kernels_$architecture.ptx"
done
{
    echo "# Of sources whose SHA-256, one after the other by name, is $(LC_ALL=C; cat -- *.cu* | sha256sum | cut -d' ' -f1)"
    echo "# What the assembler says: kernel, architecture, registers, bytes of spills, bytes of shared memory."
    for target in 75:75 80:80 80:86 80:89 80:90 80:100 80:120; do
        sm=${target#*:}
        "$(dirname "$nvcc")/ptxas" -v --warn-on-spills -Werror -arch="sm_$sm" -o /dev/null \
            "$work/kernels_${target%:*}.ptx" > "$work/said" 2>&1 || { grep error "$work/said" >&2; exit 1; }
        awk -v sm="$sm" '
            /Compiling entry function/ { split($0, part, "\047"); kernel = part[2] }
            /spill stores/ { for (i = 1; i < NF; i++) if ($(i + 2) == "spill" && $(i + 3) ~ /^stores/) spilled = $i }
            /Used [0-9]+ registers/ {
                shared = 0
                for (i = 1; i <= NF; i++) { if ($i == "Used") used = $(i + 1); if ($(i + 2) ~ /^smem/) shared = $i }
                print kernel, "sm_" sm, used, spilled, shared
            }' "$work/said" | sort
    done
} > "$work/kernels.report"
if [ "${2:-}" = --check ]; then
    for file in kernels_75.ptx kernels_80.ptx; do
        cmp "$work/$file" "$resources/$file"
    done
    cmp "$work/kernels.report" kernels.report
    echo "the PTX is what kernels.cu compiles to"
else
    mkdir -p "$resources"
    cp "$work"/kernels_*.ptx "$resources"
    cp "$work/kernels.report" .
fi
