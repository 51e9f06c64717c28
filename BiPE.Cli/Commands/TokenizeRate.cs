using BiPE.Cli.Console;
using BiPE.Core.Data;

namespace BiPE.Cli.Commands;

/// <summary>Speed of tokenizing since the first report, so that what earlier work has done does not count.</summary>
internal sealed class TokenizeRate
{
    private readonly TimeProvider _time;
    private TokenizeProgress? _first;
    private long _start;

    public TokenizeRate(TimeProvider time) => _time = time;

    /// <summary>How far the work has come, with bytes of text and tokens a second.</summary>
    /// <param name="state">Latest report.</param>
    public ProgressState Describe(TokenizeProgress state)
    {
        string counts = $"{Quantity.Short(state.Documents)} documents, {Quantity.Short(state.Tokens)} tokens";
        if (_first is not { } first)
        {
            _first = state;
            _start = _time.GetTimestamp();
            return new ProgressState(state.BytesRead, state.TotalBytes, counts);
        }

        double seconds = Math.Max(_time.GetElapsedTime(_start).TotalSeconds, 1e-3);
        string bytes = Quantity.Bytes((state.TextBytes - first.TextBytes) / seconds);
        string tokens = Quantity.Short((state.Tokens - first.Tokens) / seconds);
        return new ProgressState(state.BytesRead, state.TotalBytes, $"{bytes}/s of text, {tokens} tokens/s, {counts}");
    }
}
