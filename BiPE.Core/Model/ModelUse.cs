namespace BiPE.Core.Model;

/// <summary>What a model is made for, which decides how its weights are stored.</summary>
public enum ModelUse
{
    /// <summary>Training, and evaluation in between: weights in full precision, with narrower copies where products read those.</summary>
    Training,

    /// <summary>
    /// Evaluation alone: matrices are stored once, in <see cref="Tensors.BackendInfo.FrozenType"/>, rounded to it when they are initialised or loaded.
    /// </summary>
    Evaluation,
}
