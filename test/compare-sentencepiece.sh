#!/bin/sh
# Tokenizes every .jsonl.zst file of a folder with `bipe data tokenize`, and compares each document's ids with those of the
# sentencepiece C++ library. Prints a summary; fails if one id differs.
# Usage: compare-sentencepiece.sh TOKENIZER_MODEL DATA_FOLDER     (PYTHON names a Python with sentencepiece and zstandard)
set -eu
model=$1
data=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

set --
for file in "$data"/*.jsonl.zst; do
    # Small parts, so that the seams between them are compared too.
    dotnet run -c Release --project "$here/../BiPE.Cli" -- data tokenize \
        --data "$file" --tokenizer "$model" --output "$work/$(basename "$file")" --threads 2 --shard-size 3MB > "$work/log"
    set -- "$@" "$file" "$work/$(basename "$file")"
done
"${PYTHON:-python3}" "$here/compare_sentencepiece.py" "$model" "$@"
