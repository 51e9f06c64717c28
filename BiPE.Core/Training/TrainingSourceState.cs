namespace BiPE.Core.Training;

/// <summary>What a checkpoint keeps of one corpus of several.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Path">Where its tokens are.</param>
/// <param name="Weight">Its weight, or null if corpora weigh as much as they have blocks.</param>
public sealed record TrainingSourceState(string Name, string Path, decimal? Weight);
