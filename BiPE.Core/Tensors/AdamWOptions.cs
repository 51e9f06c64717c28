namespace BiPE.Core.Tensors;

/// <summary>Numbers of one AdamW step (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2).</summary>
/// <param name="Step">Number of this step, from 1; corrects the moments' bias.</param>
/// <param name="LearningRate">Rate of this step.</param>
/// <param name="Beta1">Decay of the first moment, in [0, 1).</param>
/// <param name="Beta2">Decay of the second moment, in [0, 1).</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay; the parameter is first multiplied by 1 - LearningRate * WeightDecay.</param>
/// <param name="MaximumGradientNorm">Gradients are multiplied by this / (norm + 1e-6) if that is below 1; 0 for no clipping.</param>
public readonly record struct AdamWOptions(
    long Step, double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, double MaximumGradientNorm);
