using System.Buffers.Binary;
using Google.Protobuf;

namespace BiPE.Core.Training.Logs;

/// <summary>
/// A TensorBoard event file: TensorFlow's record format around <c>Event</c> messages (tensorflow/core/util/event.proto) that hold
/// scalars by tag, step and wall time, with <c>tokens</c> as one of them. Values are stored as float32, as TensorBoard does.
/// </summary>
public sealed class TensorBoardLog : ITrainingLog
{
    private const string Version = "brain.Event:2";

    // Field numbers of tensorflow.Event, Summary, Summary.Value and SessionLog.
    private const int WallTimeField = 1;
    private const int StepField = 2;
    private const int FileVersionField = 3;
    private const int SummaryField = 5;
    private const int SessionLogField = 7;
    private const int ValueField = 1;
    private const int TagField = 1;
    private const int SimpleValueField = 2;
    private const int StatusField = 1;
    private const int SessionStart = 1;

    private readonly FileStream _stream;
    private readonly TimeProvider _clock;

    /// <summary>Makes a new event file, named after the time and the host, as TensorBoard wants it.</summary>
    /// <param name="folder">The run's folder; made if missing.</param>
    /// <param name="resumedStep">
    /// The step that training resumes after: TensorBoard then hides what older files of the folder say about later steps. Null for
    /// a new run.
    /// </param>
    /// <param name="clock">Source of the time; null for the system's.</param>
    /// <exception cref="BipeException">The file cannot be made.</exception>
    public TensorBoardLog(string folder, long? resumedStep = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _clock = clock ?? TimeProvider.System;
        try
        {
            Directory.CreateDirectory(folder);
            _stream = CreateFile(System.IO.Path.Combine(folder, $"events.out.tfevents.{_clock.GetUtcNow().ToUnixTimeSeconds():D10}.{HostName()}"));
            WriteEvent(0, output => WriteText(output, FileVersionField, Version));
            if (resumedStep is { } step)
            {
                WriteEvent(step + 1, output => WriteMessage(output, SessionLogField, session =>
                {
                    session.WriteTag(StatusField, WireFormat.WireType.Varint);
                    session.WriteEnum(SessionStart);
                }));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _stream?.Dispose();
            throw new BipeException($"Cannot write a TensorBoard log in '{folder}': {e.Message}", e);
        }
    }

    /// <summary>Path of the event file.</summary>
    public string Path => _stream.Name;

    /// <inheritdoc/>
    public void Write(TrainingLogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        try
        {
            WriteEvent(entry.Step, output => WriteMessage(output, SummaryField, summary =>
            {
                WriteScalar(summary, "tokens", entry.Tokens);
                foreach (var scalar in entry.Scalars)
                {
                    WriteScalar(summary, scalar.Tag, scalar.Value);
                }
            }));
        }
        catch (IOException e)
        {
            throw new BipeException($"Cannot write the TensorBoard log '{Path}': {e.Message} Check the free space.", e);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private static FileStream CreateFile(string path)
    {
        string free = path;
        for (int attempt = 1; File.Exists(free); attempt++)
        {
            free = $"{path}.{attempt}";
        }

        return new FileStream(free, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    }

    private static string HostName() =>
        string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    private static void WriteScalar(CodedOutputStream output, string tag, double number) => WriteMessage(output, ValueField, value =>
    {
        WriteText(value, TagField, tag);
        value.WriteTag(SimpleValueField, WireFormat.WireType.Fixed32);
        value.WriteFloat((float)number);
    });

    private static void WriteText(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Serialize(write)));
    }

    private static byte[] Serialize(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            write(output);
        }

        return buffer.ToArray();
    }

    private void WriteEvent(long step, Action<CodedOutputStream> writeContent)
    {
        byte[] data = Serialize(output =>
        {
            output.WriteTag(WallTimeField, WireFormat.WireType.Fixed64);
            output.WriteDouble((_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
            output.WriteTag(StepField, WireFormat.WireType.Varint);
            output.WriteInt64(step);
            writeContent(output);
        });

        // Record: length, its checksum, data, its checksum; in one write, so that a crash leaves whole records.
        var record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Crc32C.ComputeMasked(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Crc32C.ComputeMasked(data));
        _stream.Write(record);
        _stream.Flush();
    }
}
