#!/bin/sh
# Checks and measures the CUDA backend on a machine with an NVIDIA GPU, beside PyTorch if it has that, and writes JSON.
#
#   test/gpu/run.sh pack [FILE]          where .NET is: makes one archive with everything (default gpu-check.tar.xz)
#   test/gpu/run.sh run [FOLDER]         where the GPU is: in the unpacked archive; results go to FOLDER (default results)
#
# The machine with the GPU needs its driver and cuBLAS (the CUDA toolkit, PyTorch, or the Python package nvidia-cublas-cu12),
# nothing else. The comparison with PyTorch starts nothing after six minutes.
set -eu

pack() {
    archive=$(realpath -m "${1:-gpu-check.tar.xz}")
    root=$(cd "$(dirname "$0")/../.." && pwd)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT

    # A copy, because a build for one system writes that system's packages into the lock files.
    mkdir "$folder/source" "$folder/gpu-check"
    git -C "$root" ls-files -z | tar -C "$root" --null -T - -c | tar -C "$folder/source" -x

    # Compressed, not trimmed: ILGPU finds what it compiles by reflection.
    dotnet publish "$folder/source/BiPE.Cli" -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true \
        -p:EnableCompressionInSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true -p:DebugType=none \
        -p:SourceRevisionId="$(git -C "$root" rev-parse HEAD)" -o "$folder/published" -v quiet --nologo
    mkdir "$folder/gpu-check/config"
    cp "$root"/config/*.json "$folder/gpu-check/config/"
    cp "$folder/published/bipe" "$root/test/gpu/run.sh" "$root/test/gpu/torch_peer.py" "$folder/gpu-check/"
    tar -C "$folder" -cJf "$archive" gpu-check
    echo "$archive: $(du -h "$archive" | cut -f1), the program $(du -h "$folder/gpu-check/bipe" | cut -f1)"
}

run() {
    results=$(realpath -m "${1:-results}")
    mkdir -p "$results"
    cd "$(dirname "$0")"
    export DOTNET_BUNDLE_EXTRACT_BASE_DIR="${DOTNET_BUNDLE_EXTRACT_BASE_DIR:-$PWD/extracted}"
    if command -v python3 > /dev/null; then
        # cuBLAS as Python packages bring it, wherever this Python keeps them.
        wheels=$(python3 -c 'import sysconfig; p = sysconfig.get_paths()["purelib"]; print(f"{p}/nvidia/cu13/lib:{p}/nvidia/cublas/lib")')
        export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$wheels"
    fi
    failed=0
    ./bipe info --json "$results/info.json" || failed=1
    for type in float32 bfloat16 tf32; do
        ./bipe selftest --backend cuda --dtype $type --json "$results/selftest-$type.json" || failed=1
    done
    for model in bipe_rope bipe_alibi; do
        ./bipe bench --backend cuda --config config/$model.json --batch-size 32 --steps 20 --block-size 1024,2048,4096,8192 \
            --json "$results/bench-$model.json" || failed=1
    done
    if command -v python3 > /dev/null; then
        timeout 420 python3 torch_peer.py --config config/bipe_rope.json --config config/bipe_alibi.json --batch-size 32 --steps 20 \
            --json "$results/torch.json" --beside "$results" || failed=1
    else
        echo "The comparison with PyTorch was left out: there is no python3."
    fi
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv > "$results/gpu.csv" 2>/dev/null || rm -f "$results/gpu.csv"
    return $failed
}

case "${1:-}" in
    pack) shift; pack "$@" ;;
    run) shift; run "$@" ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
