namespace BiPE.Core.Autograd;

/// <summary>Rows of a packed parameter that a checkpoint knows by a name of their own.</summary>
/// <param name="Name">Name in the checkpoint.</param>
/// <param name="FirstRow">First index of the outermost axis.</param>
/// <param name="RowCount">How many.</param>
public sealed record ParameterPart(string Name, int FirstRow, int RowCount);
