using BiPE.Cli.Commands;
using BiPE.Cli.Console;
using BiPE.Cli.Quickstart;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Study;

/// <summary>The tokens of a study: those to learn from, and a twentieth that is held out.</summary>
internal static class StudyData
{
    /// <summary>Tokenizes both parts into the study's folder, unless that was done.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">The study's folder.</param>
    /// <param name="cancellation">Stops tokenizing; the same call goes on.</param>
    /// <returns>Folders of the two token shards.</returns>
    public static (string Training, string HeldOut) Prepare(ICorpus corpus, ITokenizer tokenizer, string folder, CancellationToken cancellation) =>
        (Tokenize(corpus, tokenizer, TrainingFolder(folder), isHeldOut: false, cancellation),
         Tokenize(corpus, tokenizer, Path.Combine(folder, "held-out"), isHeldOut: true, cancellation));

    /// <summary>Where the tokens to learn from are, or as many as were made before a stop.</summary>
    /// <param name="folder">The study's folder.</param>
    public static string TrainingFolder(string folder) => Path.Combine(folder, "tokens");

    private static string Tokenize(ICorpus corpus, ITokenizer tokenizer, string folder, bool isHeldOut, CancellationToken cancellation)
    {
        if (!TokenShard.IsShard(folder))
        {
            var reading = new CorpusReading();
            ProgressDisplay.Run(isHeldOut ? "tokenizing what is held out" : "tokenizing", view => TokenShardWriter.Write(
                new WatchedCorpus(new SplitCorpus(corpus, isHeldOut), view), tokenizer, folder, reading, cancellation: cancellation));
            CorpusSelection.ReportBrokenLines(reading);
        }

        return folder;
    }
}
