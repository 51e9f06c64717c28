#!/bin/sh
# Measures training and evaluation of bipe and of a peer in turns, and prints a Markdown table of medians, ratios and memory.
#
#   BIPE_PEER=PROGRAM test/peer/compare.sh [--rounds N] [--steps N] [--threads N] [--filter TEXT] [--log FILE]
#
# PROGRAM is the peer, for example a script around libtorch. It is called as 'PROGRAM train --config base|tiny|bytes --variant bipe_rope|bipe_alibi
# --batch N --seq N --steps N' and 'PROGRAM eval --config .. --variant .. --seq N --blocks N', each with '--threads N' and, as one would first
# write it, '--rotary half --packed 0 --chunk 0' ('--optimizer torch'), or tuned, '--rotary complex --packed 1 --chunk 256' ('--optimizer fused').
# Its last line of output is JSON with 'median', tokens a second, and 'peak_mib', the most memory that it held.
#
# Both run with N threads (default 2), one after the other, N rounds of each pass (default 5), N steps a round (default 3). --filter takes passes whose
# name contains TEXT, --log keeps every line of JSON. A round of everything takes about half an hour.
set -eu
cd "$(dirname "$0")/../.."
exec dotnet run -c Release --project test/BiPE.Benchmarks -- --peer "$@"
