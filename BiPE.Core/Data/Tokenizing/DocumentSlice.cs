namespace BiPE.Core.Data.Tokenizing;

/// <summary>A document, or a part of a long one, on its way through the pipeline.</summary>
internal struct DocumentSlice
{
    /// <summary>The document, without its text.</summary>
    public required DocumentOrigin Origin { get; init; }

    /// <summary>Number of UTF-16 units of the slice.</summary>
    public required int Length { get; init; }

    /// <summary>Whether the document starts with this slice.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>Whether the document ends with this slice.</summary>
    public required bool IsLast { get; init; }

    /// <summary>For the last slice of a document, where the reader stood behind it.</summary>
    public ReadingPosition Position { get; init; }

    /// <summary>Number of tokens, the begin-of-sentence token included; set by the encoder.</summary>
    public int TokenCount { get; set; }

    /// <summary>Number of bytes of the text in UTF-8; set by the encoder.</summary>
    public long TextBytes { get; set; }
}
