using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace BiPE.Cli.Tests;

/// <summary>Runs the built <c>bipe</c> as its users do.</summary>
internal static class BipeProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>The host that runs the tests; it stands three folders above its framework.</summary>
    private static readonly string Host = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Runs a command to its end.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="arguments">The command line.</param>
    public static BipeOutcome RunWithInput(string input, params IEnumerable<string> arguments) => Finish(Start(arguments), input);

    /// <summary>Runs a command without input to its end.</summary>
    /// <param name="arguments">The command line.</param>
    public static BipeOutcome Run(params IEnumerable<string> arguments) => RunWithInput("", arguments);

    /// <summary>Runs a command without input to its end, in an environment of its own.</summary>
    /// <param name="environment">Variables beside the inherited ones.</param>
    /// <param name="arguments">The command line.</param>
    public static BipeOutcome RunWithEnvironment(Dictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Finish(Start(arguments, environment), "");

    /// <summary>Starts a command; the caller talks to it.</summary>
    /// <param name="arguments">The command line.</param>
    public static Process Start(params IEnumerable<string> arguments) => Start(arguments, []);

    /// <summary>Sends what Ctrl-C sends and waits for the end.</summary>
    /// <param name="process">A started command.</param>
    public static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
        WaitForExit(process);
    }

    private static BipeOutcome Finish(Process started, string input)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A command that fails at once does not read its input.
        }

        WaitForExit(process);
        return new BipeOutcome(process.ExitCode, output.Result, error.Result);
    }

    private static Process Start(IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var utf8 = new UTF8Encoding(false);
        var start = new ProcessStartInfo(Host)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        start.Environment.Remove("BIPE_DEBUG");
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.ArgumentList.Add(Path.Combine(TestContext.CurrentContext.TestDirectory, "bipe.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static void WaitForExit(Process process)
    {
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            Assert.Fail($"bipe did not end within {Limit.TotalSeconds} seconds.");
        }
    }
}
