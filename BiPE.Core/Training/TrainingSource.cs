using BiPE.Core.Data;

namespace BiPE.Core.Training;

/// <summary>One corpus that a run learns from.</summary>
/// <param name="Name">What it is called among others; for the only one, its path.</param>
/// <param name="Tokens">The tokens.</param>
/// <param name="Path">Where they are from, for a run that goes on.</param>
/// <param name="Hash">Hash of the tokens.</param>
public sealed record TrainingSource(string Name, ITokenSource Tokens, string Path, string Hash)
{
    /// <summary>What to learn from.</summary>
    /// <param name="heldOut">Share of the tokens that is held out, below 1; 0 for nothing.</param>
    /// <exception cref="BipeException">Nothing would be left, or the source does not know its documents.</exception>
    public ITokenSource ForTraining(double heldOut) => heldOut == 0 ? Tokens : DocumentRange.HoldOut(Documents, heldOut).Training;

    /// <summary>What is held out.</summary>
    /// <param name="heldOut">Share of the tokens that is held out, above 0 and below 1.</param>
    /// <exception cref="BipeException">Nothing would be left to learn from, or the source does not know its documents.</exception>
    public IDocumentSource ForValidation(double heldOut) => DocumentRange.HoldOut(Documents, heldOut).HeldOut;

    private IDocumentSource Documents => Tokens as IDocumentSource
        ?? throw new BipeException($"'{Name}' does not know where its documents start, so none can be held out.");
}
