namespace BiPE.Cli.Benchmark;

/// <summary>How often an operation takes turns with its limit.</summary>
/// <param name="WarmUp">Seconds that it runs before.</param>
/// <param name="Fewest">Fewest turns.</param>
/// <param name="Most">Most turns.</param>
/// <param name="Seconds">Seconds after which no turn begins, once the fewest are done.</param>
internal sealed record TurnPlan(double WarmUp, int Fewest, int Most, double Seconds)
{
    /// <summary>Whether another turn begins.</summary>
    /// <param name="turns">Turns that are done.</param>
    /// <param name="elapsed">Time since the first began.</param>
    public bool GoesOn(int turns, TimeSpan elapsed) => turns < Fewest || (turns < Most && elapsed.TotalSeconds < Seconds);
}
