namespace BiPE.Core.Tensors;

/// <summary>Options of the row-wise cross entropy.</summary>
/// <param name="IgnoredLabel">Rows with this label have loss 0 and no gradient.</param>
/// <param name="WritesGradient">Whether the logits become their gradient in place; if not, their content afterwards is undefined.</param>
/// <param name="GradientScale">Factor of the gradient, 1 / number of counted rows for a mean.</param>
public readonly record struct CrossEntropyOptions(int IgnoredLabel, bool WritesGradient, double GradientScale = 1);
