namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Notices when an Arrow stream is cut off between two messages, which its reader takes for the end. A whole stream has a mark
/// of its end; its reader stops there and asks for nothing more.
/// </summary>
internal sealed class WholeArrowStream(Stream raw) : ReadOnlyStream(raw)
{
    /// <summary>Whether more was asked for than there is.</summary>
    public bool IsExhausted { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int count = Inner.Read(buffer);
        IsExhausted |= count == 0 && !buffer.IsEmpty;
        return count;
    }
}
