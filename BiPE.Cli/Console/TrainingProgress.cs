using BiPE.Core.Training;

namespace BiPE.Cli.Console;

/// <summary>Shows steps, a smoothed loss and the speed of a training.</summary>
internal sealed class TrainingProgress : IProgress<StepReport>
{
    private const double Smoothing = 0.95;

    private readonly IProgressView _view;
    private readonly double _tokensPerStep;
    private readonly long _steps;
    private double _loss = double.NaN;

    /// <summary>Creates the reporter.</summary>
    /// <param name="view">Where it shows.</param>
    /// <param name="trainer">The training.</param>
    public TrainingProgress(IProgressView view, Trainer trainer)
    {
        _view = view;
        _tokensPerStep = trainer.TokensPerStep;
        _steps = trainer.Options.MaxSteps;
    }

    public void Report(StepReport value)
    {
        _loss = double.IsNaN(_loss) ? value.Loss : (Smoothing * _loss) + ((1 - Smoothing) * value.Loss);
        _view.Report(new ProgressState(
            value.Step * _tokensPerStep, _steps * _tokensPerStep,
            $"step {Quantity.Whole(value.Step)}, loss {Quantity.Fixed(_loss, 4)}, {Quantity.Short(value.TokensPerSecond)} tokens/s"));
    }
}
