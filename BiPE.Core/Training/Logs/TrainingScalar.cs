namespace BiPE.Core.Training.Logs;

/// <summary>A named number of a training step.</summary>
/// <param name="Tag">Its name; a slash makes groups, for instance <c>train/loss</c>.</param>
/// <param name="Value">Its value, which may be infinite or NaN.</param>
public readonly record struct TrainingScalar(string Tag, double Value);
