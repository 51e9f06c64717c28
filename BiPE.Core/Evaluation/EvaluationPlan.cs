using System.IO.Hashing;
using System.Runtime.InteropServices;
using BiPE.Core.Data;

namespace BiPE.Core.Evaluation;

/// <summary>The blocks of one evaluation.</summary>
public sealed class EvaluationPlan
{
    private const int HashChunk = 1 << 18;

    private EvaluationPlan(IDocumentSource documents, IBlockProtocol protocol, int blockSize, List<TextBlock> blocks)
    {
        Documents = documents;
        Protocol = protocol;
        BlockSize = blockSize;
        Blocks = blocks;
        ReadTokens = blocks.Sum(block => (long)block.Length);
    }

    /// <summary>The tokens.</summary>
    public IDocumentSource Documents { get; }

    /// <summary>Which blocks count and how.</summary>
    public IBlockProtocol Protocol { get; }

    /// <summary>Tokens a block.</summary>
    public int BlockSize { get; }

    /// <summary>The blocks, at least one.</summary>
    public IReadOnlyList<TextBlock> Blocks { get; }

    /// <summary>Tokens of all blocks, scored or not.</summary>
    public long ReadTokens { get; }

    /// <summary>Makes the plan.</summary>
    /// <param name="documents">The tokens.</param>
    /// <param name="protocol">Which blocks count and how.</param>
    /// <param name="blockSize">Tokens a block, at least 2.</param>
    /// <param name="maximumTokens">Blocks that start beyond this many tokens are left out.</param>
    /// <exception cref="BipeException">No block fits, or the block size does not fit the protocol.</exception>
    public static EvaluationPlan Create(IDocumentSource documents, IBlockProtocol protocol, int blockSize, long maximumTokens = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(protocol);
        if (blockSize < 2)
        {
            throw new BipeException($"The block size is {blockSize}; predicting needs at least 2 tokens a block.");
        }

        List<TextBlock> blocks = [.. protocol.Blocks(documents, blockSize, maximumTokens)];
        return blocks.Count > 0
            ? new EvaluationPlan(documents, protocol, blockSize, blocks)
            : throw new BipeException(
                $"The data has {documents.TokenCount} tokens in {documents.DocumentCount} documents, too few for one block of {blockSize} under the protocol '{protocol.Name}'; give more data or a smaller block size.");
    }

    /// <summary>Hash of the token ids that the blocks cover and of the documents' boundaries among them (XXH3, 128 bits, hexadecimal).</summary>
    /// <param name="cancellation">Stops reading.</param>
    public string HashData(CancellationToken cancellation = default)
    {
        var hash = new XxHash128();
        long start = Blocks.Min(block => block.Start);
        long end = Blocks.Max(block => block.End);
        var tokens = new int[(int)Math.Min(HashChunk, end - start)];
        for (long at = start; at < end; at += tokens.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<int> part = tokens.AsSpan(0, (int)Math.Min(tokens.Length, end - at));
            Documents.Read(at, part);
            hash.Append(MemoryMarshal.AsBytes(part));
        }

        // The number of the first document tells apart what only its place in the set does.
        long document = new DocumentLocator(Documents).Find(start);
        Append(hash, document);
        for (; document < Documents.DocumentCount && Documents.DocumentStart(document) < end; document++)
        {
            Append(hash, Documents.DocumentStart(document) - start);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, long value) => hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in value)));
}
