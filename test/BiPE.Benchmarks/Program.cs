using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;
using BiPE.Benchmarks;
using BiPE.Benchmarks.Peer;

// --quick measures everything beside the machine's peak and bandwidth in half a minute, as 'bipe bench --quick' does; --turns operations in
// turns with what they come up against; --sweep products of odd sizes; --encodings what position encodings cost; --tokenizer the SentencePiece
// encoder; --peer whole steps beside another program; everything else goes to BenchmarkDotNet (for example --filter '*MatMul*').
switch (args)
{
    case ["--quick", .. var options]:
        return BiPE.Cli.Program.Main(["bench", "--quick", .. options]);
    case ["--tokenizer", var model, var data, .. var python]:
        TokenizerReport.Print(model, data, python.FirstOrDefault());
        return 0;
    case ["--turns", var threads, .. var filters] when int.TryParse(threads, out int turns) && turns > 0:
        OperationTurns.Print(turns, filters);
        return 0;
    case ["--sweep"]:
        ProductSweep.Print(Environment.ProcessorCount);
        return 0;
    case ["--sweep", var threads] when int.TryParse(threads, out int count) && count > 0:
        ProductSweep.Print(count);
        return 0;
    case ["--encodings", var tokens, .. var names] when int.TryParse(tokens, out int length) && length > 0:
        EncodingSpeed.Print(length, passes: length <= 1024 ? 3 : 1, names);
        return 0;
    case ["--peer", .. var options]:
        try
        {
            new PeerComparison(options).Run();
            return 0;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }

    default:
        // In this process, because a project of its own would build all the others anew for every run.
        IConfig config = DefaultConfig.Instance.AddJob(Job.InProcess.WithWarmupCount(2).WithIterationCount(10).WithIterationTime(TimeInterval.FromMilliseconds(200)));
        BenchmarkSwitcher.FromAssembly(typeof(OperationBenchmarks).Assembly).Run(args, config);
        return 0;
}
