namespace BiPE.Core.Data.Corpora;

/// <summary>Some rows of a table, of which two columns are read.</summary>
/// <param name="RowCount">Number of rows.</param>
/// <param name="Text">The text of a row; null if it has none. Throws <see cref="System.Text.DecoderFallbackException"/> if it is not UTF-8.</param>
/// <param name="SetName">The set of a row, or null.</param>
internal sealed record TableBatch(int RowCount, Func<int, string?> Text, Func<int, string?> SetName);
