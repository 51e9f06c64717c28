using BiPE.Cli.Console;
using BiPE.Core.Data;
using BiPE.Core.Data.Statistics;

namespace BiPE.Cli.Inspection;

/// <summary>Prints an <see cref="InspectReport"/>. Tables fit into 80 columns.</summary>
internal static class InspectTables
{
    private const string Unknown = "-";

    public static void Write(InspectReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        foreach (ShardReport shard in report.Shards ?? [])
        {
            WriteShard(shard);
        }

        Terminal.WriteResult(Terminal.OneLine(report.Data));
        Terminal.WriteResult($"Tokens of the {report.Tokenizer} tokenizer ({Quantity.Whole(report.VocabularySize)} ids), begin-of-sentence tokens included");
        WriteCounts(report);
        Terminal.WriteResult("");
        Terminal.WriteResult("Tokens of a document");
        var documents = new ResultTable("set", "mean", "shortest", "5%", "median", "95%", "longest");
        foreach (SetReport set in report.Sets)
        {
            LengthReport lengths = set.DocumentLengths;
            documents.AddRow(
                set.Name, Quantity.Whole((long)Math.Round(lengths.Mean)), Quantity.Whole(lengths.Shortest), Quantity.Whole(lengths.Percentile5),
                Quantity.Whole(lengths.Median), Quantity.Whole(lengths.Percentile95), Quantity.Whole(lengths.Longest));
        }

        documents.Write();
        foreach ((int index, SeparatorSet separators) in report.Separators.Index())
        {
            Terminal.WriteResult("");
            Terminal.WriteResult($"Segments closed by {separators.Name} ({string.Join(", ", separators.Ids)})");
            Terminal.WriteResult($"Tokens of a segment of the text; {Longer(report)}: share of tokens in longer segments");
            WriteLengths(report, index);
            Terminal.WriteResult("Segments of a block; tokens: mean of a segment, cut at block ends");
            WriteBlocks(report, index);
        }
    }

    private static void WriteShard(ShardReport shard)
    {
        Terminal.WriteResult($"{shard.Folder}: {Quantity.Whole(shard.Index.TokenCount)} tokens, {shard.Index.ElementBytes} bytes each; broken lines skipped: {Quantity.Whole(shard.Index.BrokenLines)}");
        if (shard.Index.Sets.Count > 1)
        {
            var sets = new ResultTable("set", "documents", "tokens", "bytes of text");
            foreach ((string name, TokenSetCounts counts) in shard.Index.Sets)
            {
                sets.AddRow(name, Quantity.Whole(counts.Documents), Quantity.Whole(counts.Tokens), Quantity.Whole(counts.TextBytes));
            }

            sets.Write();
        }

        if (shard.FirstTokens.Count > 0)
        {
            Terminal.WriteResult($"First tokens: {string.Join(" ", shard.FirstTokens)}");
        }

        if (shard.FirstPieces is { Count: > 0 } pieces)
        {
            Terminal.WriteResult($"First pieces: {Terminal.OneLine(string.Join(" ", pieces))}");
        }

        Terminal.WriteResult("");
    }

    private static void WriteCounts(InspectReport report)
    {
        var counts = new ResultTable("set", "documents", "tokens", "bytes of text", "bytes a token");
        foreach (SetReport set in report.Sets)
        {
            counts.AddRow(
                set.Name,
                Quantity.Whole(set.Documents),
                Quantity.Whole(set.Tokens),
                set.TextBytes is { } bytes ? Quantity.Whole(bytes) : Unknown,
                set.BytesPerToken is { } ratio ? Quantity.Fixed(ratio, 3) : Unknown);
        }

        counts.Write();
        if (report.BytesMissing is { } reason)
        {
            Terminal.WriteResult($"Bytes are left out: {reason}.");
        }
    }

    private static void WriteLengths(InspectReport report, int index)
    {
        var table = new ResultTable("set", "mean", "median", "95%", "99%", "longest", Longer(report));
        foreach (SetReport set in report.Sets)
        {
            SegmentReport segments = set.Segments[index];
            LengthReport lengths = segments.Lengths;
            table.AddRow(
                set.Name, Quantity.Fixed(lengths.Mean, 1), Quantity.Whole(lengths.Median), Quantity.Whole(lengths.Percentile95),
                Quantity.Whole(lengths.Percentile99), Quantity.Whole(lengths.Longest), Share(segments.LongSegments.TokenShare));
        }

        table.Write();
    }

    private static void WriteBlocks(InspectReport report, int index)
    {
        var table = new ResultTable("set", "block", "5%", "median", "95%", "tokens", Longer(report));
        foreach ((SetReport set, BlockReport blocks) in report.Sets.SelectMany(set => set.Segments[index].Blocks.Select(blocks => (set, blocks))))
        {
            string[] cells = blocks is { SegmentsPerBlock: { } segments, SegmentLengths: { } lengths }
                ? [Quantity.Whole(segments.Percentile5), Quantity.Whole(segments.Median), Quantity.Whole(segments.Percentile95), Quantity.Fixed(lengths.Mean, 1)]
                : [Unknown, Unknown, Unknown, Unknown];
            table.AddRow([set.Name, Quantity.Whole(blocks.BlockSize), .. cells, Share(blocks.LongSegments.TokenShare)]);
        }

        table.Write();
    }

    private static string Longer(InspectReport report) => $">{Quantity.Whole(report.TrainedRange)}";

    private static string Share(double? share) => share is { } value ? $"{Quantity.Fixed(100 * value, 2)}%" : Unknown;
}
