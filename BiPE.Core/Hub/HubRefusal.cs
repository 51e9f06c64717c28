using System.Net;

namespace BiPE.Core.Hub;

/// <summary>The endpoint answered with a status that repeating the request will not change.</summary>
internal sealed class HubRefusal : Exception
{
    private const string RevisionNotFound = "RevisionNotFound";

    public HubRefusal(HttpStatusCode status, string? code, string? explanation, bool tokenWasSent)
        : base($"status {(int)status}")
    {
        Status = status;
        Code = code;
        Explanation = explanation;
        TokenWasSent = tokenWasSent;
    }

    public HttpStatusCode Status { get; }

    /// <summary>The hub's name of the fault (header X-Error-Code).</summary>
    public string? Code { get; }

    /// <summary>The hub's own words (header X-Error-Message).</summary>
    public string? Explanation { get; }

    public bool TokenWasSent { get; }

    /// <summary>Whether only accounts that accepted the repository's conditions get it.</summary>
    public bool IsGated => Code == "GatedRepo";

    /// <summary>Whether the repository is there for certain.</summary>
    public bool IsThere => IsGated || Code == RevisionNotFound;

    /// <summary>Whether there may be nothing of this name: hubs answer 401 for what is missing, too, to tell nobody what is private.</summary>
    public bool MayBeMissing => !IsThere && Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound;

    /// <summary>Tells what to do.</summary>
    /// <param name="options">The hub.</param>
    /// <param name="subject">What was asked for: "the data set 'a/b'".</param>
    /// <param name="page">Address of the repository's page.</param>
    /// <param name="revision">The revision that was asked for.</param>
    public BipeException Explain(HubOptions options, string subject, string page, string revision)
    {
        string host = options.Endpoint.Authority;
        string tokens = $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/settings/tokens";
        if (IsGated)
        {
            string account = TokenWasSent ? "the account of your token (HF_TOKEN) has not, or the token may not read it" : "no token was sent";
            return new BipeException(
                $"{host} gives {subject} only to accounts that accepted its conditions, and {account}: accept them at {page} and set HF_TOKEN to a token of that account.",
                this);
        }

        string advice = Status switch
        {
            HttpStatusCode.Unauthorized when TokenWasSent =>
                $"your token (HF_TOKEN or the token file) is wrong, expired or may not read it, or the name is wrong; make a new token at {tokens}, or check --repo and --type.",
            HttpStatusCode.Unauthorized when options.Token is not null =>
                "it is private or does not exist; your token was not sent because the endpoint is not https.",
            HttpStatusCode.Unauthorized =>
                $"it does not exist, or is private; check --repo and --type, or set HF_TOKEN to a token that may read it ({tokens}).",
            HttpStatusCode.Forbidden => $"you may not read it{Words}; if it has conditions, accept them at {page}, and set HF_TOKEN to a token that may read it ({tokens}).",
            HttpStatusCode.NotFound when Code == RevisionNotFound => $"it has no revision '{revision}'; check --revision.",
            HttpStatusCode.NotFound =>
                $"there is no such thing, not at the revision '{revision}' at least; check --repo, --type and --revision, and set HF_TOKEN if it is private.",
            _ => $"that cannot be helped from here{Words}; look at {page}.",
        };
        return new BipeException($"{host} answered {(int)Status} for {subject}: {advice}", this);
    }

    private string Words => Explanation is null ? "" : $" ({Explanation.TrimEnd('.')})";
}
