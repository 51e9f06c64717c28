namespace BiPE.Core.Training.Logs;

/// <summary>Takes the numbers of a training run as they come.</summary>
public interface ITrainingLog : IDisposable
{
    /// <summary>Writes one entry and hands it to the operating system before returning.</summary>
    /// <param name="entry">The numbers of one step.</param>
    /// <exception cref="BipeException">The log cannot be written.</exception>
    void Write(TrainingLogEntry entry);
}
