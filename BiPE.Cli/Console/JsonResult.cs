using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using BiPE.Core;
using BiPE.Core.Checkpoints;

namespace BiPE.Cli.Console;

/// <summary>Writes results for machines.</summary>
internal static class JsonResult
{
    /// <summary>Stands for standard output where a file is asked for.</summary>
    public const string StandardOutput = "-";

    private static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    private static readonly JsonSerializerOptions Compact = new(Indented) { WriteIndented = false };

    /// <summary>Refuses a target that cannot be written, before the work for it is done.</summary>
    /// <param name="target">What <c>--json</c> was given.</param>
    /// <param name="option">The option, if it is another.</param>
    /// <exception cref="BipeException">It is a folder or a results file, or lies where nothing can be written.</exception>
    public static void RequireWritable(string? target, string option = "--json")
    {
        if (target is not null and not StandardOutput)
        {
            ResultTarget.RequireWritable(target, option);
        }
    }

    /// <summary>Writes a result; properties are in camel case.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="target">File, or <see cref="StandardOutput"/>.</param>
    /// <param name="result">The result.</param>
    /// <param name="isCompact">Whether it stands on one line; for long lists of numbers.</param>
    public static void Write<T>(string target, T result, bool isCompact = false)
    {
        JsonSerializerOptions options = isCompact ? Compact : Indented;
        if (target != StandardOutput)
        {
            AtomicFile.Write(target, stream => WriteLine(stream, result, options));
            Terminal.Note($"Wrote {target}.");
            return;
        }

        using Stream output = StandardStreams.OpenOutput();
        WriteLine(output, result, options);
    }

    private static void WriteLine<T>(Stream stream, T result, JsonSerializerOptions options)
    {
        JsonSerializer.Serialize(stream, result, options);
        stream.WriteByte((byte)'\n');
    }
}
