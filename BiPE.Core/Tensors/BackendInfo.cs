namespace BiPE.Core.Tensors;

/// <summary>What a backend is and computes in.</summary>
/// <param name="Name">Short name, as given to <c>--backend</c>.</param>
/// <param name="Device">The device in words, for logs.</param>
/// <param name="ActivationType">Element type of activations and of the weights that products read.</param>
/// <param name="StatisticsType">Element type of norms' statistics, log-sum-exps, losses, tables, gradients of weights and master weights.</param>
public sealed record BackendInfo(string Name, string Device, ElementType ActivationType, ElementType StatisticsType)
{
    /// <summary>
    /// Element type of the matrices of a model that only evaluates: its embedding, its projections, its head. Narrower than
    /// <see cref="ActivationType"/>, it is read by <see cref="ITensorBackend.GatherRows"/> and as the transposed second factor of
    /// <see cref="ITensorBackend.MatMul"/>, which compute as if the matrix were widened.
    /// </summary>
    public ElementType FrozenType { get; init; } = ActivationType;

    /// <summary>Name of what products round their factors to, where that is less than their type holds; null elsewhere.</summary>
    public string? ProductPrecision { get; init; }

    /// <summary>What training computes in, in words: the type of activations, and what products round to.</summary>
    public string TrainingPrecision => ProductPrecision is null ? $"{ActivationType}" : $"{ActivationType}, products {ProductPrecision}";

    /// <summary>What evaluation computes in, in words: as in training, and the type of matrices where it is another.</summary>
    public string EvaluationPrecision => FrozenType == ActivationType ? TrainingPrecision : $"{TrainingPrecision}, weights {FrozenType}";

    /// <summary>Tokens that keep the device busy: evaluation computes so many at once unless told otherwise, since more only take memory.</summary>
    public int TokensAtOnce { get; init; } = 1024;

    /// <summary>Whether memory that comes back serves tensors of any size; otherwise only those of about the same size.</summary>
    public bool JoinsMemory { get; init; }
}
