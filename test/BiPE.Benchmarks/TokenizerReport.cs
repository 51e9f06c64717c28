using System.Diagnostics;
using System.Globalization;
using System.Text;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;

namespace BiPE.Benchmarks;

/// <summary>
/// Speed of the SentencePiece encoder on one thread, a set at a time, beside that of the sentencepiece C++ library, which encodes
/// the same texts in turns with it. Prints a Markdown table of medians.
/// </summary>
internal static class TokenizerReport
{
    private const int Rounds = 5;

    /// <param name="model">A <c>tokenizer.model</c> file.</param>
    /// <param name="data">A <c>.jsonl.zst</c> file with Pile records.</param>
    /// <param name="python">A Python that has the packages sentencepiece and zstandard, or null for this encoder alone.</param>
    public static void Print(string model, string data, string? python)
    {
        Console.WriteLine("| set | MB | first pass MB/s | MB/s | million tokens/s | sentencepiece MB/s | ratio |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (IGrouping<string?, Document> set in CorpusReader.Open(data).Read().ToLookup(document => document.SetName))
        {
            PrintSet(set.Key!, [.. set.Select(document => document.Text)], model, data, python);
        }

        PrintUncut(TokenizerFolder.Open(model));
    }

    private static void PrintSet(string name, string[] texts, string model, string data, string? python)
    {
        using Process? library = python is null ? null : Start(python, model, data, name);
        string? version = library?.StandardOutput.ReadLine();

        // A tokenizer of its own for each set: its first pass meets every word for the first time. The small text warms the code.
        Encode(TokenizerFolder.Open(model), [texts[0][..Math.Min(texts[0].Length, 20_000)]], times: 200);
        ITokenizer tokenizer = TokenizerFolder.Open(model);
        double megabytes = texts.Sum(text => (double)Encoding.UTF8.GetByteCount(text)) / 1e6;
        (double first, long tokens) = Encode(tokenizer, texts);
        var ours = new List<double>();
        var theirs = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            ours.Add(Encode(tokenizer, texts).Seconds);
            if (library is not null)
            {
                theirs.Add(Ask(library, version, tokens));
            }
        }

        double median = Median(ours);
        string beside = library is null
            ? "- | -"
            : $"{megabytes / Median(theirs):F2} | {Median(theirs) / median:F0}";
        Console.WriteLine($"| {name} | {megabytes:F1} | {megabytes / first:F0} | {megabytes / median:F0} | {tokens / median / 1e6:F1} | {beside} |");
    }

    // Texts that cannot be cut anywhere, so that nothing is met again: the heap alone.
    private static void PrintUncut(ITokenizer tokenizer)
    {
        Console.WriteLine();
        Console.WriteLine("| text without a space | 0.1 MB, MB/s | 1 MB, MB/s | 10 MB, MB/s |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        var random = new Random(1);
        foreach ((string name, string letters) in new[] { ("random letters", "abcdefghijklmnopqrstuvwxyz"), ("ACGT", "ACGT"), ("one letter", "a") })
        {
            string text = string.Create(10_000_000, letters, (span, from) => random.GetItems(from.AsSpan(), span));
            IEnumerable<string> rates = new[] { 100_000, 1_000_000, 10_000_000 }.Select(length =>
            {
                double seconds = Median([.. Enumerable.Range(0, 3).Select(_ => Encode(tokenizer, [text[..length]]).Seconds)]);
                return (length / 1e6 / seconds).ToString("F1", CultureInfo.InvariantCulture);
            });
            Console.WriteLine($"| {name} | {string.Join(" | ", rates)} |");
        }
    }

    private static (double Seconds, long Tokens) Encode(ITokenizer tokenizer, string[] texts, int times = 1)
    {
        var ids = new List<int>();
        long tokens = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < times * texts.Length; i++)
        {
            ids.Clear();
            tokenizer.Encode(texts[i % texts.Length], ids);
            tokens += ids.Count;
        }

        return (Stopwatch.GetElapsedTime(begin).TotalSeconds, tokens);
    }

    private static Process Start(string python, string model, string data, string set)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "sentencepiece_speed.py");
        return Process.Start(new ProcessStartInfo(python, [script, model, data, set])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private static double Ask(Process library, string? version, long tokens)
    {
        library.StandardInput.WriteLine();
        library.StandardInput.Flush();
        string[]? answer = library.StandardOutput.ReadLine()?.Split(' ');
        return answer is [var seconds, var count] && long.Parse(count, CultureInfo.InvariantCulture) == tokens
            ? double.Parse(seconds, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"sentencepiece {version} answered '{string.Join(' ', answer ?? [])}', expected seconds and {tokens} tokens.");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
