using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary>The options <c>--backend</c>, <c>--device</c>, <c>--dtype</c> and <c>--threads</c> of a command that computes.</summary>
internal sealed class BackendSelection
{
    private const int MostThreads = 1024;
    private const int MostDevices = 1024;

    private readonly Option<string> _backend;
    private readonly Option<long?> _device;
    private readonly Option<string?> _type;
    private readonly Option<int[]?> _threads;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="takesThreadCounts">Whether <c>--threads</c> may name several numbers, to compare.</param>
    public BackendSelection(Command command, bool takesThreadCounts = false)
    {
        _backend = new Option<string>("--backend")
        {
            Description = "What to compute with; auto takes the first of cuda and cpu that works, cuda-simulated runs the kernels of cuda without a device, slowly.",
            DefaultValueFactory = _ => BackendRegistry.Automatic,
        };
        _backend.AcceptOnlyFromAmong([.. BackendRegistry.Default.Names]);
        _device = CommonOptions.Integer("--device", "Number of the CUDA device. [default: 0]", 0, MostDevices);
        _type = new Option<string?>("--dtype") { Description = "What cuda computes in. [default: bfloat16] The CPU always computes in float32; with bfloat16 it stores the weights of models that are only evaluated in half of the memory." };
        _type.AcceptOnlyFromAmong("bfloat16", "float32", "tf32");
        _threads = takesThreadCounts
            ? CommonOptions.Integers("--threads", "Processor threads to compute with, or several numbers to compare. [default: one a core]", 1, MostThreads)
            : CommonOptions.SingleInteger("--threads", "Processor threads to compute with. [default: one a core]", 1, MostThreads);
        command.Options.Add(_backend);
        command.Options.Add(_device);
        command.Options.Add(_type);
        command.Options.Add(_threads);
    }

    /// <summary>Opens what the user chose; with <c>auto</c>, says on standard error what was taken.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="isQuiet">Whether nothing is said, because it was said before.</param>
    /// <exception cref="Core.BipeException">It does not work here; the message says why.</exception>
    public ITensorBackend Open(ParseResult parsed, bool isQuiet = false) =>
        BackendRegistry.Default.Open(parsed.GetRequiredValue(_backend), Options(parsed), isQuiet ? _ => { } : Terminal.Note);

    /// <summary>Threads that the CPU backend computes with: those named, but no more than there are processors.</summary>
    /// <param name="parsed">Values of the options.</param>
    public int Threads(ParseResult parsed) =>
        ThreadCounts(parsed) is [int count, ..] ? Math.Min(count, Environment.ProcessorCount) : Environment.ProcessorCount;

    /// <summary>The numbers of threads that were named; empty if none was.</summary>
    /// <param name="parsed">Values of the options.</param>
    public IReadOnlyList<int> ThreadCounts(ParseResult parsed) => parsed.GetValue(_threads) ?? [];

    /// <summary>Whether several numbers of threads were named; for validators.</summary>
    /// <param name="result">The command.</param>
    public bool HasSeveralThreadCounts(CommandResult result) => CommonOptions.NamesSeveral(result, _threads);

    /// <summary>Name of the backend that was asked for.</summary>
    /// <param name="parsed">Values of the options.</param>
    public string Name(ParseResult parsed) => parsed.GetRequiredValue(_backend);

    /// <summary>What was asked to compute in.</summary>
    /// <param name="parsed">Values of the options.</param>
    public ComputePrecision Precision(ParseResult parsed) => parsed.GetValue(_type) switch
    {
        "bfloat16" => ComputePrecision.BFloat16,
        "float32" => ComputePrecision.Float32,
        "tf32" => ComputePrecision.TensorFloat32,
        _ => ComputePrecision.Default,
    };

    private BackendOptions Options(ParseResult parsed) => new()
    {
        Threads = ThreadCounts(parsed) is [int count, ..] ? count : 0,
        Device = (int)(parsed.GetValue(_device) ?? 0),
        Precision = Precision(parsed),
    };
}
