using BiPE.Core.Autograd;
using BiPE.Core.Positions.Embeddings;

namespace BiPE.Core.Model;

/// <summary>One learned tensor as checkpoints name it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its extents, outermost first.</param>
/// <param name="Group">What part of the model it belongs to.</param>
public sealed record ParameterLayout(string Name, IReadOnlyList<long> Shape, ParameterGroup Group)
{
    /// <summary>Number of learned numbers.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>All learned tensors of a model, known from its configuration without making it.</summary>
    /// <param name="config">The configuration; its segmenter need not be resolved.</param>
    /// <returns>Each tensor once, in the order of the reference.</returns>
    /// <exception cref="BipeException">The configuration is not valid.</exception>
    public static IReadOnlyList<ParameterLayout> Of(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var backend = new LayoutBackend();
        using var model = new LanguageModel(backend, config.Segmenter is { IsResolved: false } ? config with { Segmenter = null } : config);
        return [.. model.Parameters.SelectMany(parameter => parameter.Parts.Select(part => Of(parameter, part)))];
    }

    private static ParameterLayout Of(Parameter parameter, ParameterPart part)
    {
        IEnumerable<long> inner = Enumerable.Range(1, parameter.Shape.Rank - 1).Select(axis => (long)parameter.Shape[axis]);
        return new ParameterLayout(part.Name, [part.RowCount, .. inner], GroupOf(parameter));
    }

    private static ParameterGroup GroupOf(Parameter parameter) => parameter switch
    {
        { Role: ParameterRole.Norm } => ParameterGroup.Norms,
        { Name: LanguageModel.EmbeddingName } => ParameterGroup.Embedding,
        { Name: LanguageModel.HeadName } => ParameterGroup.Head,
        { Name: LearnedEmbedding.IntraSegmentName } => ParameterGroup.IntraSegmentEmbedding,
        { Name: { } name } when name.Contains(".self_attn.", StringComparison.Ordinal) => ParameterGroup.Attention,
        { Name: { } name } when name.Contains(".mlp.", StringComparison.Ordinal) => ParameterGroup.Mlp,
        _ => ParameterGroup.PositionEncoding,
    };
}
