using BiPE.Cli.Benchmark;
using BiPE.Cli.Console;
using BiPE.Core.Tensors;
using BiPE.Core.Training;

namespace BiPE.Cli.Profile;

/// <summary>Records the steps of a training, without what is evaluated and saved between them.</summary>
/// <param name="backend">Computes the training, and records while it is told to.</param>
/// <param name="rates">What the device reaches at best.</param>
internal sealed class TrainingProfile(TimingBackend backend, DeviceRates rates)
{
    /// <summary>The first steps compile and allocate; they are left out of longer runs.</summary>
    private const int WarmUpSteps = 2;

    private long _first;
    private long _steps;
    private long _tokens;
    private double _seconds;

    /// <summary>Told of the training before its first step.</summary>
    /// <param name="trainer">The training.</param>
    public void Start(Trainer trainer)
    {
        long steps = trainer.Options.MaxSteps - trainer.Step;
        _first = trainer.Step + (steps > WarmUpSteps ? WarmUpSteps : 0);
    }

    /// <summary>Told before a step.</summary>
    /// <param name="taken">Steps taken so far.</param>
    public void BeginStep(long taken) => backend.IsRecording = taken >= _first;

    /// <summary>Told after a step.</summary>
    /// <param name="step">The step.</param>
    public void EndStep(StepReport step)
    {
        if (backend.IsRecording)
        {
            backend.IsRecording = false;
            _steps++;
            _tokens += step.Tokens;
            _seconds += step.Seconds;
        }
    }

    /// <summary>Writes the table, and the report as JSON if that is asked for.</summary>
    /// <param name="json">File for the JSON, <see cref="JsonResult.StandardOutput"/> for JSON instead of the table, or empty.</param>
    public void Write(string json)
    {
        if (_steps == 0)
        {
            Terminal.Note("No step was profiled: the training ended before its third.");
            return;
        }

        ProfileReport report = ProfileReport.Create(backend.Info.Device, rates, _steps, _seconds, _tokens, backend.Timings);
        if (json != JsonResult.StandardOutput)
        {
            report.Write();
        }

        if (json.Length > 0)
        {
            JsonResult.Write(json, report);
        }
    }
}
