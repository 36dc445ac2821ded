#!/usr/bin/env bash
# build.sh TARGET: builds the simulated driver, cuBLAS and cuDNN into TARGET, under the names that JCuda's libraries look for.
set -euo pipefail
cd "$(dirname "$0")"
target=$1
common=(-std=c++17 -fPIC -shared -Wall -Werror -fno-strict-aliasing -Wno-unknown-pragmas -Wno-unused-function -I include)
# Sums may be reordered, so that they are vectorised. Not -ffast-math: linked in, it would make the JVM flush denormals.
sums=(-O3 -march=native -fassociative-math -fno-signed-zeros -fno-trapping-math)
mkdir -p "$target"
g++ "${common[@]}" -O2 -I ../../main/cuda driver.cpp -Wl,-soname,libcuda.so.1 -o "$target/libcuda.so.1"
for library in cublas.so.12 cudnn.so.9; do
    echo "lib$library { global: cu*; };" > "$target/$library.map" # JCuda asks for versions that are named like the files
    g++ "${common[@]}" "${sums[@]}" "${library%%.*}.cpp" "$target/libcuda.so.1" -Wl,-soname,"lib$library" \
        -Wl,--version-script="$target/$library.map" -o "$target/lib$library"
done
