using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace BiPE.Benchmarks.Peer;

/// <summary>Measures bipe and a peer in turns, each pass in a process of its own, and prints a Markdown table.</summary>
internal sealed class PeerComparison
{
    private const string PeerVariable = "BIPE_PEER";

    private readonly string _peer;
    private readonly int _rounds;
    private readonly int _steps;
    private readonly int _threads;
    private readonly string _filter;
    private readonly string? _log;

    /// <summary>Reads the options.</summary>
    /// <param name="options">Pairs of a name with dashes and a value.</param>
    /// <exception cref="ArgumentException">There is no peer, or an option is not known.</exception>
    public PeerComparison(string[] options)
    {
        _peer = Environment.GetEnvironmentVariable(PeerVariable) is { Length: > 0 } peer
            ? peer
            : throw new ArgumentException($"Name the program to compare with in the environment variable {PeerVariable}.");
        var values = options.Chunk(2).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? throw new ArgumentException($"{pair[0]} needs a value."));
        int Number(string name, int otherwise) => !values.Remove(name, out string? text) ? otherwise
            : int.TryParse(text, out int value) && value > 0 ? value : throw new ArgumentException($"{name} is '{text}', expected a positive integer.");
        _rounds = Number("--rounds", 5);
        _steps = Number("--steps", 3);
        _threads = Number("--threads", 2);
        _filter = values.Remove("--filter", out string? filter) ? filter : "";
        _log = values.Remove("--log", out string? log) ? log : null;
        if (values.Count > 0)
        {
            throw new ArgumentException($"There is no option '{values.First().Key}'; choose of --rounds, --steps, --threads, --filter and --log.");
        }
    }

    /// <summary>Measures, and writes a row after each pass.</summary>
    public void Run()
    {
        ComparedPass[] passes = [.. ComparedPass.All.Where(pass => pass.Name.Contains(_filter, StringComparison.OrdinalIgnoreCase))];
        Console.WriteLine("| pass | tokens/s | plain peer | tuned peer | over plain | over tuned | memory | plain peer | tuned peer | of tuned |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach ((int index, ComparedPass pass) in passes.Index())
        {
            var ours = new MeasuredPass();
            MeasuredPass[] others = [.. pass.AlsoWith.Select(_ => new MeasuredPass())];
            var plain = new MeasuredPass();
            var tuned = new MeasuredPass();
            for (int round = 0; round < _rounds; round++)
            {
                Console.Error.WriteLine($"{pass.Name} ({index + 1} of {passes.Length}), round {round + 1} of {_rounds}");
                MeasureOurs(ours, pass, "");
                MeasurePeer(plain, pass, isTuned: false);
                MeasurePeer(tuned, pass, isTuned: true);
                foreach ((string what, MeasuredPass measured) in pass.AlsoWith.Zip(others))
                {
                    MeasureOurs(measured, pass, what);
                }
            }

            WriteRow(pass.Name, ours, plain, tuned);
            foreach ((string what, MeasuredPass measured) in pass.AlsoWith.Zip(others))
            {
                WriteRow($"{pass.Name}, {what}", measured, plain, tuned);
            }
        }
    }

    private void WriteRow(string name, MeasuredPass ours, MeasuredPass plain, MeasuredPass tuned) => Console.WriteLine(
        $"| {name} | {Speed(ours)} | {Speed(plain)} | {Speed(tuned)} | {Ratio(ours.TokensPerSecond / plain.TokensPerSecond)} "
        + $"| {Ratio(ours.TokensPerSecond / tuned.TokensPerSecond)} | {Gigabytes(ours)} | {Gigabytes(plain)} | {Gigabytes(tuned)} | {Ratio(ours.PeakBytes / tuned.PeakBytes)} |");

    private void MeasureOurs(MeasuredPass pass, ComparedPass what, string more)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "bipe.dll");
        JsonElement line = Execute("dotnet", [program, .. what.OurArguments(more, _steps, _threads)]);
        pass.Add(line.GetProperty("tokensPerSecond").GetDouble(), line.GetProperty("peakResidentBytes").GetDouble());
    }

    private void MeasurePeer(MeasuredPass pass, ComparedPass what, bool isTuned)
    {
        JsonElement line = Execute(_peer, what.PeerArguments(isTuned, _steps, _threads));
        pass.Add(line.GetProperty("median").GetDouble(), line.GetProperty("peak_mib").GetDouble() * (1 << 20));
    }

    private JsonElement Execute(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string? line = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(text => text.StartsWith('{'));
        if (process.ExitCode != 0 || line is null)
        {
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode} and no line of JSON: {errors.Result.Trim()}");
        }

        if (_log is not null)
        {
            File.AppendAllText(_log, $"{line}\n");
        }

        return JsonElement.Parse(line);
    }

    private string Speed(MeasuredPass pass) => _rounds == 1
        ? Text(pass.TokensPerSecond, "N0")
        : $"{Text(pass.TokensPerSecond, "N0")} ({Text(pass.Range.Lowest, "N0")} to {Text(pass.Range.Highest, "N0")})";

    private static string Ratio(double value) => Text(value, "F2");

    private static string Gigabytes(MeasuredPass pass) => $"{Text(pass.PeakBytes / 1e9, "F2")} GB";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
