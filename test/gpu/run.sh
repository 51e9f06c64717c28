#!/bin/sh
# Checks and measures the CUDA backend on a machine with an NVIDIA GPU, and writes what was found as JSON.
#
#   test/gpu/run.sh pack [FILE]          where .NET is: makes one archive with everything (default gpu-check.tar.xz)
#   test/gpu/run.sh run [FOLDER]         where the GPU is: in the unpacked archive; results go to FOLDER (default results)
#
# The machine with the GPU needs its driver and cuBLAS (the CUDA toolkit, or the Python package nvidia-cublas-cu12), nothing else.
set -eu

pack() {
    archive=$(realpath -m "${1:-gpu-check.tar.xz}")
    root=$(cd "$(dirname "$0")/../.." && pwd)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    dotnet publish "$root/BiPE.Cli" -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true \
        -p:RestorePackagesWithLockFile=false -p:IncludeNativeLibrariesForSelfExtract=true -p:DebugType=none \
        -p:GenerateDocumentationFile=false -o "$folder/gpu-check" -v quiet --nologo
    mkdir -p "$folder/gpu-check/config"
    cp "$root"/config/*.json "$folder/gpu-check/config/"
    cp "$0" "$folder/gpu-check/run.sh"
    rm -f "$folder"/gpu-check/*.pdb "$folder"/gpu-check/*.xml
    tar -C "$folder" -cJf "$archive" gpu-check
    echo "$archive: $(du -h "$archive" | cut -f1)"
}

run() {
    results=$(realpath -m "${1:-results}")
    mkdir -p "$results"
    cd "$(dirname "$0")"
    failed=0
    ./bipe info --json "$results/info.json" || failed=1
    for type in float32 bfloat16 tf32; do
        ./bipe selftest --backend cuda --dtype $type --json "$results/selftest-$type.json" || failed=1
    done
    for model in bipe_rope bipe_alibi; do
        ./bipe bench --backend cuda --config config/$model.json --batch-size 32 --block-size 1024,2048,4096,8192 \
            --json "$results/bench-$model.json" || failed=1
    done
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv > "$results/gpu.csv" 2>/dev/null || true
    return $failed
}

case "${1:-}" in
    pack) shift; pack "$@" ;;
    run) shift; run "$@" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
