using BiPE.Core.Model;

namespace BiPE.Core.Optimization.Schedules;

/// <summary>The schedules by name.</summary>
public static class LearningRateSchedules
{
    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["polynomial", "cosine", "constant"];

    /// <summary>Creates a schedule.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="learningRate">The rate at the end of the warm-up.</param>
    /// <param name="warmUpSteps">Length of the linear start; 0 for none.</param>
    /// <param name="totalSteps">Number of training steps; the constant schedule does not use it.</param>
    /// <exception cref="BipeException">The name is not known, or a value is out of range.</exception>
    public static ILearningRateSchedule Create(string name, double learningRate, long warmUpSteps, long totalSteps)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "polynomial" => new PolynomialSchedule(learningRate, warmUpSteps, totalSteps),
            "cosine" => new CosineSchedule(learningRate, warmUpSteps, totalSteps),
            "constant" => new ConstantSchedule(learningRate, warmUpSteps),
            _ => throw new BipeException($"The schedule '{name}' is not known; {NearestName.Suggest(name, [.. Names])}"),
        };
    }
}
