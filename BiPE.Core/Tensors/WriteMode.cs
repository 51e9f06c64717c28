namespace BiPE.Core.Tensors;

/// <summary>What an operation does with its destination's old content. Gradients are overwritten first and accumulated after.</summary>
public enum WriteMode
{
    /// <summary>The old content is not read.</summary>
    Overwrite,

    /// <summary>The result is added to it.</summary>
    Accumulate,
}
