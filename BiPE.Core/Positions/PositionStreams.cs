using BiPE.Core.Autograd;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions;

/// <summary>Three ids for every token of a batch of blocks <c>[batch, time]</c>; they start anew in every row, and in every document of it if these are told.</summary>
public sealed class PositionStreams
{
    private readonly int[] _token;
    private readonly int[] _segment;
    private readonly int[] _offset;
    private readonly bool[] _closes;

    /// <summary>Computes the ids of whole rows.</summary>
    /// <param name="tokens">Token ids <c>[batch, time]</c>, row-major.</param>
    /// <param name="batch">Number of rows.</param>
    /// <param name="time">Tokens a row.</param>
    /// <param name="segmenter">Splits all rows into segments.</param>
    /// <param name="documents">Numbers of documents <c>[batch, time]</c>; ids start anew where the number changes. Empty: one document a row.</param>
    /// <exception cref="ArgumentException">The number of tokens, or of documents' numbers, is not batch * time.</exception>
    public PositionStreams(ReadOnlySpan<int> tokens, int batch, int time, ISegmenter segmenter, ReadOnlySpan<int> documents = default)
        : this(tokens, batch, time, [.. Enumerable.Repeat(segmenter, batch)], documents)
    {
    }

    /// <summary>Computes the ids of whole rows, each split in its own way.</summary>
    /// <param name="tokens">Token ids <c>[batch, time]</c>, row-major.</param>
    /// <param name="batch">Number of rows.</param>
    /// <param name="time">Tokens a row.</param>
    /// <param name="segmenters">Splits each row into segments, one for each.</param>
    /// <param name="documents">Numbers of documents <c>[batch, time]</c>; ids start anew where the number changes. Empty: one document a row.</param>
    /// <exception cref="ArgumentException">The number of tokens, or of documents' numbers, is not batch * time, or that of segmenters not batch.</exception>
    public PositionStreams(ReadOnlySpan<int> tokens, int batch, int time, IReadOnlyList<ISegmenter> segmenters, ReadOnlySpan<int> documents = default)
    {
        ArgumentNullException.ThrowIfNull(segmenters);
        if (segmenters.Count != batch)
        {
            throw new ArgumentException($"{segmenters.Count} segmenters do not fit {batch} rows.", nameof(segmenters));
        }

        if (tokens.Length != (long)batch * time)
        {
            throw new ArgumentException($"{tokens.Length} tokens do not fill [{batch}, {time}].", nameof(tokens));
        }

        if (!documents.IsEmpty && documents.Length != tokens.Length)
        {
            throw new ArgumentException($"{documents.Length} numbers of documents do not fill [{batch}, {time}].", nameof(documents));
        }

        Batch = batch;
        Time = time;
        _token = new int[tokens.Length];
        _segment = new int[tokens.Length];
        _offset = new int[tokens.Length];
        _closes = new bool[tokens.Length];
        for (int row = 0; row < batch; row++)
        {
            ISegmenter segmenter = segmenters[row];
            SegmenterState state = default;
            int first = row * time;
            for (int at = first; at < (row + 1) * time; at++)
            {
                if (!documents.IsEmpty && at > first && documents[at] != documents[at - 1])
                {
                    (first, state) = (at, default);
                }

                _token[at] = at - first;
                (_segment[at], _offset[at]) = segmenter.Advance(tokens[at], ref state);
                _closes[at] = state.Segment != _segment[at];
            }
        }
    }

    private PositionStreams(int batch, int time, int[] token, int[] segment, int[] offset, bool[] closes)
    {
        Batch = batch;
        Time = time;
        _token = token;
        _segment = segment;
        _offset = offset;
        _closes = closes;
    }

    /// <summary>Number of rows.</summary>
    public int Batch { get; }

    /// <summary>Tokens a row.</summary>
    public int Time { get; }

    /// <summary>Ids of one stream, <c>[batch, time]</c>.</summary>
    /// <param name="stream">Which.</param>
    public ReadOnlySpan<int> this[PositionStream stream] => stream switch
    {
        PositionStream.Token => _token,
        PositionStream.Segment => _segment,
        PositionStream.Offset => _offset,
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "Unknown stream."),
    };

    /// <summary>Whether a token is the last of its segment because of what it is; the end of the row closes nothing.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="time">Its index in the row.</param>
    public bool ClosesSegment(int row, int time) => _closes[(row * Time) + time];

    /// <summary>The same ids but for one stream.</summary>
    /// <param name="stream">Which.</param>
    /// <param name="ids">Its ids <c>[batch, time]</c>, none negative.</param>
    /// <exception cref="ArgumentException">The number of ids is not batch * time.</exception>
    public PositionStreams With(PositionStream stream, int[] ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Length != _token.Length)
        {
            throw new ArgumentException($"{ids.Length} ids do not fill [{Batch}, {Time}].", nameof(ids));
        }

        return new PositionStreams(
            Batch, Time,
            stream == PositionStream.Token ? ids : _token,
            stream == PositionStream.Segment ? ids : _segment,
            stream == PositionStream.Offset ? ids : _offset, _closes);
    }

    /// <summary>Splits a row's ids where they fall, since those of another document begin there.</summary>
    /// <param name="ids">Ids of a row, which rise or stay within a document.</param>
    /// <returns>Ranges of the row, in order.</returns>
    public static IReadOnlyList<Range> RisingParts(ReadOnlySpan<int> ids)
    {
        var parts = new List<Range>();
        int start = 0;
        for (int end = 1; end <= ids.Length; end++)
        {
            if (end == ids.Length || ids[end] < ids[end - 1])
            {
                parts.Add(start..end);
                start = end;
            }
        }

        return parts;
    }

    /// <summary>Largest id of a stream; -1 if there are no tokens.</summary>
    /// <param name="stream">Which.</param>
    public int Largest(PositionStream stream)
    {
        int largest = -1;
        foreach (int id in this[stream])
        {
            largest = Math.Max(largest, id);
        }

        return largest;
    }

    /// <summary>Ids of one stream as an Int32 tensor <c>[batch, time]</c> that lives as long as the tape's scope.</summary>
    /// <param name="tape">Allocates it.</param>
    /// <param name="stream">Which.</param>
    /// <param name="limit">Larger ids become this one.</param>
    public Tensor Upload(Tape tape, PositionStream stream, int limit = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(tape);
        Tensor tensor = tape.Scope.Allocate(new Shape(Batch, Time), ElementType.Int32);
        ReadOnlySpan<int> ids = this[stream];
        if (limit < int.MaxValue)
        {
            var clipped = new int[ids.Length];
            System.Numerics.Tensors.TensorPrimitives.Min(ids, limit, clipped);
            ids = clipped;
        }

        tape.Backend.Upload(tensor, ids);
        return tensor;
    }
}
