"""Encodes the texts of one set with the sentencepiece C++ library each time a line comes in, and answers with the seconds it took.

Arguments: tokenizer.model, a .jsonl.zst file, the set's name. The first answer is the library's version.
"""

import io
import json
import sys
import time

import sentencepiece
import zstandard

model, data, set_name = sys.argv[1:]
processor = sentencepiece.SentencePieceProcessor()
processor.Load(model)
with open(data, "rb") as file:
    lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
    records = map(json.loads, lines)
    texts = [record["text"] for record in records if record["meta"]["pile_set_name"] == set_name]

print(sentencepiece.__version__, flush=True)
for _ in sys.stdin:
    begin = time.perf_counter()
    tokens = sum(len(processor.EncodeAsIds(text)) for text in texts)
    print(time.perf_counter() - begin, tokens, flush=True)
