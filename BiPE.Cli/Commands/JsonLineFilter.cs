using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Commands;

/// <summary>Turns each line of JSON on standard input into one on standard output.</summary>
internal static class JsonLineFilter
{
    /// <summary>Runs until the input ends.</summary>
    /// <param name="convert">Reads a line's value and writes its answer.</param>
    /// <param name="wanted">What a line must be, for messages.</param>
    /// <param name="cancellation">Stops at once, even while the input is silent.</param>
    /// <exception cref="BipeException">A line is not what was wanted; the message has its number.</exception>
    public static void Run(Action<JsonElement, Utf8JsonWriter> convert, string wanted, CancellationToken cancellation)
    {
        // A read of a terminal or pipe cannot be cancelled, so it waits on a thread that dies with the process.
        var work = Task.Run(() => Convert(convert, wanted, cancellation), CancellationToken.None);
        work.WaitAsync(cancellation).GetAwaiter().GetResult();
    }

    /// <summary>A kind of JSON value in words.</summary>
    /// <param name="kind">The kind.</param>
    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => "a truth value",
    };

    private static void Convert(Action<JsonElement, Utf8JsonWriter> convert, string wanted, CancellationToken cancellation)
    {
        using var output = new BufferedStream(StandardStreams.OpenOutput(), 1 << 16);
        using var input = new AnsweringInput(StandardStreams.OpenInput(), output);
        using var lines = new LineReader(input);
        var answer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(answer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        while (lines.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            answer.ResetWrittenCount();
            writer.Reset();
            try
            {
                using JsonDocument line = JsonDocument.Parse(lines.Line.ToArray());
                convert(line.RootElement, writer);
            }
            catch (JsonException e)
            {
                throw new BipeException($"Line {lines.Number} of the input is not {wanted}: {Reason(lines, e)}.", e);
            }
            catch (InvalidOperationException e)
            {
                throw new BipeException($"Line {lines.Number} of the input is not {wanted}: its text is not valid UTF-8.", e);
            }

            writer.Flush();
            output.Write(answer.WrittenSpan);
            output.WriteByte((byte)'\n');
        }
    }

    private static string Reason(LineReader lines, JsonException exception) =>
        lines.IsTooLong ? $"it has more than {lines.MaximumBytes} bytes"
        : lines.IsBlank ? "it is empty"
        : exception.BytePositionInLine is { } position ? $"not valid JSON at byte {position + 1}"
        : exception.Message.TrimEnd('.');
}
