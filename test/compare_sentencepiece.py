"""Compares token shards with the sentencepiece C++ library, document by document, id by id.

Usage: compare_sentencepiece.py TOKENIZER_MODEL TEXT_FILE SHARD_FOLDER [TEXT_FILE SHARD_FOLDER]...

TEXT_FILE is a .jsonl.zst file with Pile records and SHARD_FOLDER what `bipe data tokenize` made of it. Prints a line a file and
a summary; the exit code is 1 if anything differs. Needs the packages sentencepiece and zstandard.
"""

import array
import io
import itertools
import json
import pathlib
import sys

import sentencepiece
import zstandard


def texts(path):
    with open(path, "rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8"):
            yield json.loads(line)["text"]


def read(path, kind):
    values = array.array(kind)
    values.frombytes(path.read_bytes())
    if sys.byteorder == "big":
        values.byteswap()
    return values


def documents(folder):
    index = json.loads((folder / "index.json").read_text())
    for number, part in enumerate(index["parts"]):
        tokens = read(folder / f"tokens-{number:05}.bin", "H" if index["elementBytes"] == 2 else "I")
        starts = read(folder / f"documents-{number:05}.bin", "q")
        if len(tokens) != part["tokenCount"] or len(starts) != part["documentCount"]:
            raise SystemExit(f"part {number} of {folder} is not as its index says")
        for start, end in zip(starts, [*starts[1:], len(tokens)]):
            yield tokens[start:end]


def main(model, *pairs):
    processor = sentencepiece.SentencePieceProcessor()
    processor.Load(model)
    total = {"documents": 0, "tokens": 0, "bytes": 0, "longest": 0}
    different = 0
    for text_file, folder in zip(pairs[::2], pairs[1::2], strict=True):
        count = tokens = 0
        for text, found in itertools.zip_longest(texts(text_file), documents(pathlib.Path(folder))):
            count += 1
            expected = None if text is None else [processor.bos_id(), *processor.EncodeAsIds(text)]
            if expected is None or found is None or expected != found.tolist():
                different += 1
                print(f"{text_file}: document {count} differs", file=sys.stderr)
            if expected is not None:
                tokens += len(expected) - 1
                total["bytes"] += len(text.encode())
                total["longest"] = max(total["longest"], len(expected) - 1)
        print(f"{pathlib.Path(text_file).name}: {count} documents, {tokens} tokens")
        total["documents"] += count
        total["tokens"] += tokens
    print(
        f"{total['documents']} documents, {total['tokens']} tokens, {total['bytes']} bytes of text, longest document "
        f"{total['longest']} tokens: {different} documents differ from sentencepiece {sentencepiece.__version__}"
    )
    return 1 if different or not total["documents"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
