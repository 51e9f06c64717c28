using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core.Checkpoints;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe score</c>.</summary>
internal sealed class ScoreCommand : BipeCommand
{
    private const int MostRows = 20;

    private readonly BackendSelection _backend;
    private readonly RotaryScalingOptions _scaling;
    private readonly Option<string> _model = new("--model")
    {
        Description = "Folder of the model, as bipe inspect shows it; with a tokenizer for --text.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string?> _ids = new("--ids")
    {
        Description = "JSON file with an array of arrays of token ids; each is a sequence of its own, taken as it is.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _text = new("--text")
    {
        Description = "UTF-8 text file; its tokens, after the begin-of-sentence token, are one sequence.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _json = CommonOptions.Json();

    public ScoreCommand()
        : base(
            "score",
            "Gives the natural logarithm of the probability of every token after those before it.",
            "bipe score --model runs/bipe_rope --text story.txt",
            "bipe score --model runs/bipe_rope --ids ids.json --json scores.json",
            "bipe score --model runs/bipe_rope --text story.txt --json -",
            "bipe score --model runs/rope --text long.txt --rope-scaling dynamic --rope-factor 4")
    {
        Options.Add(_model);
        Options.Add(_ids);
        Options.Add(_text);
        Options.Add(_json);
        _scaling = new RotaryScalingOptions(this);
        _backend = new BackendSelection(this);
        Validators.Add(result =>
        {
            bool hasIds = result.GetResult(_ids) is not null;
            bool hasText = result.GetResult(_text) is not null;
            if (hasIds == hasText)
            {
                result.AddError(hasIds ? "Options '--ids' and '--text' exclude each other" : "One of the options '--ids' and '--text' is required");
            }
        });
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        string folder = parsed.GetRequiredValue(_model);
        IReadOnlyList<int[]> sequences = parsed.GetValue(_ids) is { } ids
            ? SequenceFile.ReadIds(ids)
            : [SequenceFile.ReadText(parsed.GetValue(_text)!, TokenizerFolder.Open(folder))];
        ModelConfig config = _scaling.Apply(parsed, ModelConfigReader.Read(folder), folder);
        SequenceFile.RequireVocabulary(sequences, config.VocabularySize);
        using ITensorBackend backend = _backend.Open(parsed);
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder, config, ModelUse.Evaluation);
        List<ScoredSequence> scored = ProgressDisplay.Run("scoring", view => Score(model, sequences, view, cancellation));
        if (json != JsonResult.StandardOutput)
        {
            WriteTable(scored);
        }

        if (json is not null)
        {
            JsonResult.Write(json, new { Precision = backend.Info.EvaluationPrecision, Sequences = scored }, isCompact: true);
        }

        return 0;
    }

    private static List<ScoredSequence> Score(LanguageModel model, IReadOnlyList<int[]> sequences, IProgressView view, CancellationToken cancellation)
    {
        var evaluator = new PerplexityEvaluator(model);
        var scored = new List<ScoredSequence>();
        long total = sequences.Sum(sequence => (long)sequence.Length);
        long done = 0;
        foreach (int[] sequence in sequences)
        {
            cancellation.ThrowIfCancellationRequested();
            double?[] losses = sequence.Length < 2 ? [] : [.. evaluator.TokenLosses(sequence, cancellation).Select(loss => (double?)loss)];
            scored.Add(new ScoredSequence(sequence, [.. sequence.Take(1).Select(_ => (double?)null), .. losses.Select(loss => -loss)]));
            done += sequence.Length;
            view.Report(new ProgressState(done, total, $"{Quantity.Short(done)} tokens"));
        }

        return scored;
    }

    private static void WriteTable(List<ScoredSequence> scored)
    {
        var table = new ResultTable("sequence", "tokens", "scored", "mean loss", "perplexity");
        foreach ((int index, ScoredSequence sequence) in scored.Take(MostRows).Index())
        {
            AddRow(table, $"{index + 1}", [sequence]);
        }

        if (scored.Count > MostRows)
        {
            table.AddRow($"{scored.Count - MostRows} more", "", "", "", "");
        }

        AddRow(table, "all", scored);
        table.Write();
    }

    private static void AddRow(ResultTable table, string name, IReadOnlyList<ScoredSequence> sequences)
    {
        double[] losses = [.. sequences.SelectMany(sequence => sequence.LogProbabilities).OfType<double>().Select(probability => -probability)];
        string[] loss = losses.Length == 0 ? ["", ""] : [Quantity.Fixed(losses.Average(), 5), Quantity.Fixed(Math.Exp(losses.Average()), 4)];
        table.AddRow([name, Quantity.Whole(sequences.Sum(sequence => (long)sequence.Ids.Count)), Quantity.Whole(losses.Length), .. loss]);
    }
}
