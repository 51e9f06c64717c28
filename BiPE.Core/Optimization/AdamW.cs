using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Optimization;

/// <summary>AdamW with clipping by the global norm (Loshchilov and Hutter 2019, arXiv 1711.05101); one tensor operation a parameter.</summary>
public sealed class AdamW : IDisposable
{
    private readonly ITensorBackend _backend;
    private readonly AdamWSettings _settings;
    private readonly TensorScope _scope;
    private readonly Tensor _sumOfSquares;
    private readonly List<AdamWSlot> _slots = [];

    /// <summary>Allocates the moments, zero at first.</summary>
    /// <param name="backend">Where the parameters live.</param>
    /// <param name="parameters">What is trained; frozen parameters are left out.</param>
    /// <param name="settings">Settings of the run.</param>
    /// <exception cref="BipeException">A setting is out of range.</exception>
    public AdamW(ITensorBackend backend, IEnumerable<Parameter> parameters, AdamWSettings settings)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        _backend = backend;
        _settings = settings;
        _scope = new TensorScope(backend);
        _sumOfSquares = _scope.Allocate(new Shape(1), backend.Info.StatisticsType);
        foreach (Parameter parameter in parameters.Where(parameter => !parameter.IsFrozen))
        {
            Tensor first = _scope.Allocate(parameter.Shape, backend.Info.StatisticsType);
            Tensor second = _scope.Allocate(parameter.Shape, backend.Info.StatisticsType);
            backend.Fill(first, 0);
            backend.Fill(second, 0);
            _slots.Add(new AdamWSlot(parameter, first, second));
        }
    }

    /// <summary>Steps taken.</summary>
    public long StepCount { get; set; }

    /// <summary>The trained parameters with their moments, for checkpoints.</summary>
    public IReadOnlyList<AdamWSlot> Slots => _slots;

    /// <summary>Norm of all gradients together, before clipping.</summary>
    public double GradientNorm()
    {
        _backend.SumOfSquares(_sumOfSquares, [.. _slots.Where(slot => slot.Parameter.HasGradient).Select(slot => slot.Parameter.Gradient)]);
        return Math.Sqrt(_backend.ReadDoubles(_sumOfSquares)[0]);
    }

    /// <summary>Takes one step with the clipping of the last <see cref="GradientNorm"/>, and forgets the gradients.</summary>
    /// <param name="learningRate">Rate of this step.</param>
    public void Step(double learningRate)
    {
        StepCount++;
        foreach ((Parameter parameter, Tensor first, Tensor second) in _slots)
        {
            if (!parameter.HasGradient)
            {
                continue;
            }

            bool decays = parameter.Role switch
            {
                ParameterRole.Linear => true,
                ParameterRole.Bias or ParameterRole.Position => false,
                _ => _settings.DecaysNormsAndEmbeddings,
            };
            var options = new AdamWOptions(
                StepCount, learningRate, _settings.Beta1, _settings.Beta2, _settings.Epsilon,
                decays ? _settings.WeightDecay : 0, _settings.MaximumGradientNorm);
            _backend.AdamWStep(
                new AdamWTensors(parameter.Master, parameter.Gradient, first, second, parameter.ComputeCopy),
                _settings.MaximumGradientNorm > 0 ? _sumOfSquares : null, options);
            parameter.ClearGradient();
        }
    }

    /// <summary>Gives the moments back.</summary>
    public void Dispose() => _scope.Dispose();
}
