#!/usr/bin/env bash
# build.sh TARGET: builds the simulated driver, cuBLAS and cuDNN into TARGET, under the names that JCuda's libraries look for, where
# sources are newer. Exit code 3: there is no g++.
set -euo pipefail
target=$1
cd "$(dirname "$0")"
command -v g++ > /dev/null || { echo "g++ was not found, so nothing can be tested on a simulated device"; exit 3; }
if [ -f "$target/libcudnn.so.9" ] && [ -z "$(find . ../../main/cuda -newer "$target/libcudnn.so.9" -print -quit)" ]; then
    exit
fi
common=(-std=c++17 -fPIC -shared -fno-strict-aliasing -w -O3 -march=native -I include)
# Sums may be reordered, so that they are vectorised. Not -ffast-math: linked in, it would make the JVM flush denormals.
sums=(-fassociative-math -fno-signed-zeros -fno-trapping-math)
mkdir -p "$target"
rm -f "$target"/lib*
g++ "${common[@]}" -I ../../main/cuda driver.cpp -Wl,-soname,libcuda.so.1 -o "$target/libcuda.so.1"
for library in cublas.so.12 cudnn.so.9; do
    echo "lib$library { global: cu*; simulated*; };" > "$target/$library.map" # JCuda asks for versions that are named like the files
    g++ "${common[@]}" "${sums[@]}" "${library%%.*}.cpp" "$target/libcuda.so.1" -Wl,-soname,"lib$library" \
        -Wl,--version-script="$target/$library.map" -o "$target/lib$library"
done
