using System.Diagnostics;
using System.Runtime.InteropServices;
using BiPE.Cli.Console;
using BiPE.Core.Checkpoints;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary>Runs evaluations one after the other, takes those from a results file that it holds, and keeps the rest there as they are scored.</summary>
internal sealed class EvaluationRunner
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(20);

    private readonly ITensorBackend _backend;
    private readonly ResultsWriter? _results;
    private readonly int _batchTokens;
    private readonly int _chunkTokens;
    private readonly EvaluationMachine _machine;

    /// <summary>Creates a runner.</summary>
    /// <param name="backend">What to compute with.</param>
    /// <param name="results">Results kept, or null.</param>
    /// <param name="batchTokens">Most tokens of a batch of blocks.</param>
    /// <param name="chunkTokens">Longer blocks are run in chunks of this many tokens.</param>
    public EvaluationRunner(ITensorBackend backend, ResultsWriter? results, int batchTokens, int chunkTokens)
    {
        _backend = backend;
        _results = results;
        _batchTokens = batchTokens;
        _chunkTokens = chunkTokens;
        _machine = new EvaluationMachine(
            MachineReport.ProgramVersion, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, backend.Info.Name, backend.Info.Device);
    }

    /// <summary>Runs what is not known yet.</summary>
    /// <param name="jobs">The evaluations; those of one model follow each other.</param>
    /// <param name="cancellation">Stops within a second or a few; whole blocks that were scored are kept.</param>
    /// <returns>Their records, in the same order.</returns>
    /// <exception cref="Core.BipeException">A model cannot be loaded, or predicts no numbers.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<EvaluationRecord> Run(IReadOnlyList<EvaluationJob> jobs, CancellationToken cancellation)
    {
        var records = jobs.Select(job => _results?.Stored.Find(job.Key)).ToArray();
        int known = records.Count(record => record is not null);
        if (known > 0)
        {
            Terminal.Note($"{known} of {jobs.Count} evaluations are in the results file already.");
        }

        EvaluationJob[] missing = [.. jobs.Where((_, index) => records[index] is null)];
        var found = new Dictionary<string, EvaluationRecord>();
        if (missing.Length > 0)
        {
            ProgressDisplay.Run("evaluating", view => RunMissing(missing, found, view, cancellation));
        }

        return [.. jobs.Zip(records, (job, record) => Named(record ?? found[job.Key], job))];
    }

    /// <summary>A stored record under the names of today.</summary>
    private static EvaluationRecord Named(EvaluationRecord record, EvaluationJob job) => record with
    {
        Model = record.Model with { Name = job.Name, Segmenters = job.GivenSegmenters },
        Data = record.Data with { Name = job.Data.Name },
    };

    private bool RunMissing(EvaluationJob[] jobs, Dictionary<string, EvaluationRecord> found, IProgressView view, CancellationToken cancellation)
    {
        EvaluationTally[] tallies = [.. jobs.Select(StartTally)];
        double total = jobs.Sum(job => job.CostPerToken * job.Plan.ReadTokens);
        double done = jobs.Zip(tallies).Sum(pair => pair.First.CostPerToken * TokensDone(pair.Second));
        var remaining = jobs.Zip(tallies).ToList();
        view.Report(new ProgressState(done, total, ""));
        foreach (IGrouping<string, (EvaluationJob Job, EvaluationTally Tally)> ofModel in remaining.GroupBy(pair => pair.Item1.Name))
        {
            EvaluationJob first = ofModel.First().Job;
            using LanguageModel model = HuggingFaceFolder.Load(_backend, first.Folder, first.Config, ModelUse.Evaluation);
            foreach ((EvaluationJob job, EvaluationTally tally) in ofModel)
            {
                if (!found.ContainsKey(job.Key))
                {
                    var evaluator = new PerplexityEvaluator(model)
                    {
                        BatchTokens = _batchTokens,
                        ChunkTokens = _chunkTokens,
                        Segmenter = job.Segmenter is null ? null : Segmenters.Create(job.Segmenter),
                    };
                    double doneBefore = done - (job.CostPerToken * TokensDone(tally));
                    long? peakBytes = Score(job, tally, evaluator, tokens =>
                    {
                        done = doneBefore + (job.CostPerToken * tokens);
                        view.Report(new ProgressState(done, total, job.Description));
                    }, cancellation);
                    EvaluationRecord record = Finish(job, tally, model, peakBytes);
                    _results?.Append(record);
                    found[job.Key] = record;
                    view.WriteLine($"{job.Description}: perplexity {Quantity.Fixed(record.Result.Perplexity, 4)}");
                }
            }
        }

        return true;
    }

    private static double TokensDone(EvaluationTally tally) => tally.Plan.Blocks.Take(tally.BlocksDone).Sum(block => (double)block.Length);

    private EvaluationTally StartTally(EvaluationJob job)
    {
        var tally = new EvaluationTally(job.Plan, job.ByteCounts);
        foreach (EvaluationPart part in _results?.Stored.PartsOf(job.Key) ?? [])
        {
            tally.Restore(part);
        }

        return tally;
    }

    /// <summary>Scores what is left of a job; reports the tokens done of it.</summary>
    private long? Score(EvaluationJob job, EvaluationTally tally, PerplexityEvaluator evaluator, Action<double> report, CancellationToken cancellation)
    {
        ResidentMemory.ResetPeak();
        var sinceSaved = Stopwatch.StartNew();
        double tokens = TokensDone(tally);
        try
        {
            while (tally.BlocksDone < job.Plan.Blocks.Count)
            {
                int blockLength = job.Plan.Blocks[tally.BlocksDone].Length;
                double before = tokens;
                var progress = new RelayProgress<double>(share => report(before + (share * blockLength)));
                tokens += evaluator.ScoreBatch(tally, progress, cancellation);
                report(tokens);
                if (sinceSaved.Elapsed > SaveInterval)
                {
                    SavePart(job, tally);
                    sinceSaved.Restart();
                }
            }
        }
        catch (OperationCanceledException)
        {
            SavePart(job, tally);
            throw;
        }

        return ResidentMemory.Peak;
    }

    private void SavePart(EvaluationJob job, EvaluationTally tally)
    {
        if (_results is not null && tally.TakePart(job.Key) is { } part)
        {
            _results.Append(part);
        }
    }

    private EvaluationRecord Finish(EvaluationJob job, EvaluationTally tally, LanguageModel model, long? peakBytes) => new()
    {
        Key = job.Key,
        Model = new EvaluatedModel(job.Name, job.ModelHash, model.Config.PositionEncoding, model.ParameterCount, model.Config.TrainScale)
        {
            Segmenters = job.GivenSegmenters,
        },
        Data = job.Data,
        Settings = job.Settings,
        Result = tally.ToNumbers() with { PeakBytes = peakBytes, PeakTensorBytes = _backend.Memory.Peak },
        Finished = DateTimeOffset.UtcNow,
        Machine = _machine,
        Positions = tally.ToPositions(),
        Shares = tally.Shares,
    };
}
