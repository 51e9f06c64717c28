namespace BiPE.Core.Evaluation.Results;

/// <summary>The text of an evaluation.</summary>
/// <param name="Name">Name of the set, as given by <c>--data NAME=PATH</c>, or the path without one.</param>
/// <param name="Hash">Hash of the token ids that the blocks cover and of the documents' boundaries among them (XXH3, 128 bits, hexadecimal).</param>
/// <param name="Documents">Documents of the set that was read.</param>
/// <param name="Tokens">Tokens of the set that was read.</param>
public sealed record EvaluatedData(string Name, string Hash, long Documents, long Tokens);
