using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Core;
using BiPE.Core.Evaluation;

namespace BiPE.Cli.Commands;

/// <summary>The options that say which tokens are scored: <c>--protocol</c>, <c>--stride</c>, <c>--last</c>, <c>--within-documents</c>.</summary>
internal sealed class ProtocolOptions
{
    private const string Exact = "exact";
    private const string Reference = "reference";
    private const string Sliding = "sliding";
    private const string Last = "last";

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "exact scores every token alike; reference repeats the arithmetic of the reference's eval.py; sliding scores the last "
            + "tokens of overlapping windows; last scores the same last tokens of every block size.",
        DefaultValueFactory = _ => Exact,
    };

    private readonly Option<long?> _stride = CommonOptions.Integer(
        "--stride", "Tokens from a window to the next, for --protocol sliding. [default: half the block size]", 1, int.MaxValue);

    private readonly Option<long?> _last = CommonOptions.Integer(
        "--last", "Tokens scored at the end of each block, for --protocol last. [default: half the smallest block size]", 1, int.MaxValue);

    private readonly Option<bool> _withinDocuments = new("--within-documents")
    {
        Description = "Cut blocks from each document for itself, so that no context reaches into another document.",
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public ProtocolOptions(Command command)
    {
        _protocol.AcceptOnlyFromAmong(Exact, Reference, Sliding, Last);
        command.Options.Add(_protocol);
        command.Options.Add(_stride);
        command.Options.Add(_last);
        command.Options.Add(_withinDocuments);
        command.Validators.Add(Validate);
    }

    /// <summary>Name of the protocol.</summary>
    /// <param name="parsed">Values of the options.</param>
    public string Name(ParseResult parsed) => parsed.GetRequiredValue(_protocol);

    /// <summary>Whether the text beyond the last block does not matter; the reference drops blocks by groups of documents.</summary>
    /// <param name="parsed">Values of the options.</param>
    public bool ReadsFromTheStart(ParseResult parsed) => Name(parsed) != Reference;

    /// <summary>The protocol for a block size.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="blockSize">The block size.</param>
    /// <param name="blockSizes">All block sizes of the evaluation.</param>
    /// <exception cref="BipeException">The options do not fit the block size.</exception>
    public IBlockProtocol Create(ParseResult parsed, int blockSize, IReadOnlyList<int> blockSizes)
    {
        bool within = parsed.GetValue(_withinDocuments);
        return Name(parsed) switch
        {
            Reference => new ReferenceProtocol(),
            Sliding => new SlidingProtocol((int)(parsed.GetValue(_stride) ?? Math.Max(1, blockSize / 2)), within),
            Last => new LastProtocol((int)(parsed.GetValue(_last) ?? Math.Max(1, blockSizes.Min() / 2)), blockSizes.Max(), within),
            _ => new ExactProtocol(within),
        };
    }

    private void Validate(CommandResult result)
    {
        string protocol = result.GetResult(_protocol) is { Implicit: false } given ? given.GetValueOrDefault<string>() ?? Exact : Exact;
        Require("--stride", result.GetResult(_stride) is not null, Sliding);
        Require("--last", result.GetResult(_last) is not null, Last);
        if (result.GetValue(_withinDocuments) && protocol == Reference)
        {
            result.AddError("Options '--within-documents' and '--protocol reference' exclude each other");
        }

        void Require(string option, bool isGiven, string needed)
        {
            if (isGiven && protocol != needed)
            {
                result.AddError($"Option '{option}' needs '--protocol {needed}'");
            }
        }
    }
}
