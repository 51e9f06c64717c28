namespace BiPE.Cli.Console;

/// <summary>How far a long work has come.</summary>
/// <param name="Done">Part done, in any unit.</param>
/// <param name="Total">All there is, in the same unit; 0 if unknown.</param>
/// <param name="Details">What else to show: rates, losses, counts.</param>
internal readonly record struct ProgressState(double Done, double Total, string Details);
