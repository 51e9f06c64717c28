using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions;

/// <summary>Position encodings by name (<c>rpe_type</c> of a configuration); programs may add their own.</summary>
public static class PositionEncodingRegistry
{
    private static readonly Lock Gate = new();
    private static readonly OrderedDictionary<string, Func<ITensorBackend, ModelConfig, PositionPlan>> Factories = new(StringComparer.Ordinal)
    {
        ["rope"] = ReferencePresets.Rope,
        ["alibi"] = ReferencePresets.Alibi,
        ["bipe_rope"] = ReferencePresets.BilevelRope,
        ["bipe_alibi"] = ReferencePresets.BilevelAlibi,
        ["cope"] = ReferencePresets.Cope,
        ["bipe_cope"] = ReferencePresets.BilevelCope,
    };

    /// <summary>Names that are known, in the order they were added.</summary>
    public static IReadOnlyList<string> Names
    {
        get
        {
            lock (Gate)
            {
                return [.. Factories.Keys];
            }
        }
    }

    /// <summary>Adds an encoding.</summary>
    /// <param name="name">Name for configurations.</param>
    /// <param name="factory">Makes the plan of a model.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public static void Add(string name, Func<ITensorBackend, ModelConfig, PositionPlan> factory)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(factory);
        lock (Gate)
        {
            if (!Factories.TryAdd(name, factory))
            {
                throw new ArgumentException($"A position encoding '{name}' exists already.", nameof(name));
            }
        }
    }

    /// <summary>Makes the plan that a configuration names.</summary>
    /// <param name="backend">Where tables and parameters live.</param>
    /// <param name="config">The configuration.</param>
    /// <exception cref="BipeException">The name is not known.</exception>
    public static PositionPlan Create(ITensorBackend backend, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Func<ITensorBackend, ModelConfig, PositionPlan>? factory;
        lock (Gate)
        {
            Factories.TryGetValue(config.PositionEncoding, out factory);
        }

        return factory is null
            ? throw new BipeException($"Position encoding (rpe_type) '{config.PositionEncoding}' is unknown; {NearestName.Suggest(config.PositionEncoding, Names)}")
            : factory(backend, config);
    }
}
