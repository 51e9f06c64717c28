namespace BiPE.Core.Checkpoints;

/// <summary>One tensor of a checkpoint's files.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Extents, outermost first; empty for a scalar.</param>
/// <param name="Type">Element type, named as in safetensors: F32, F16, BF16, I64, ...</param>
/// <param name="IsReadable">Whether its elements can be read as weights.</param>
/// <param name="File">Path of the file it is in.</param>
public sealed record StoredTensor(string Name, IReadOnlyList<long> Shape, string Type, bool IsReadable, string File)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);
}
