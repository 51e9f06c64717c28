using BiPE.Core.Data.Corpora;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>Where a document is from.</summary>
/// <param name="SetName">Its set, or <see cref="CorpusReading.NoSet"/>.</param>
/// <param name="Source">The file it was read from.</param>
/// <param name="Line">Line of the file at which it starts, counted from 1.</param>
internal readonly record struct DocumentOrigin(string SetName, string Source, long Line);
