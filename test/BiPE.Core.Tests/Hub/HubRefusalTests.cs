using BiPE.Core.Hub;
using BiPE.Testing.Http;

namespace BiPE.Core.Tests.Hub;

/// <summary>What cannot be had is told in a sentence that says what to do.</summary>
public sealed class HubRefusalTests : HubTests
{
    [SetUp]
    public void PutFile() => Server.Put("a.txt", "1");

    [Test]
    public void TheTypeIsFoundOut()
    {
        Server.Kinds = ["models"];
        Assert.That(Fetch().Snapshot.Type, Is.EqualTo(HubRepositoryType.Model));
    }

    [Test]
    public void ANameOfADataSetAndAModelNeedsAType()
    {
        Server.Kinds = ["models", "datasets"];
        Assert.That(FetchFails(), Does.Contain("--type dataset").And.Contain("--type model"));
        Assert.That(Fetch(Request with { Type = HubRepositoryType.Model }).Snapshot.Type, Is.EqualTo(HubRepositoryType.Model));
    }

    [TestCase(null, "--repo", "set HF_TOKEN")]
    [TestCase(HubRepositoryType.Model, "the model 'owner/none'", "--type")]
    public void WhatDoesNotExistMayBePrivate(HubRepositoryType? type, params string[] parts)
    {
        string message = FetchFails(Request with { Repository = "owner/none", Type = type });
        foreach (string part in parts)
        {
            Assert.That(message, Does.Contain(part));
        }
    }

    [Test]
    public void AWrongTokenIsNamed()
    {
        Server.HubFault = _ => HttpExchangeAnswer.Of(401, ("X-Error-Message", "Invalid credentials"));
        string message = FetchFails(options: Options with { Token = "secret" });
        Assert.That(message, Does.Contain("401").And.Contain("token").And.Contain("/settings/tokens").And.Not.Contain("secret"));
    }

    [TestCase(401, "no token was sent")]
    [TestCase(403, "HF_TOKEN")]
    public void AGatedRepositoryNamesItsPage(int status, string part)
    {
        Server.HubFault = request => request.Path.Contains("/datasets/") ? HttpExchangeAnswer.Of(status, ("X-Error-Code", "GatedRepo")) : null;
        HubOptions options = Options with { Token = status == 403 ? "secret" : null };
        Assert.That(FetchFails(options: options), Does.Contain($"{Server.Hub.Address}datasets/owner/set").And.Contain("accept").And.Contain(part));
    }

    [Test]
    public void WhatIsForbiddenMayHaveConditions()
    {
        Server.HubFault = _ => HttpExchangeAnswer.Of(403, ("X-Error-Message", "Not for you."));
        Assert.That(FetchFails(), Does.Contain("Not for you").And.Contain("conditions").And.Contain("HF_TOKEN"));
    }

    [Test]
    public void AGateBeforeTheFilesEndsTheFetch()
    {
        Server.HubFault = request => request.Path.Contains("/resolve/") ? HttpExchangeAnswer.Of(403, ("X-Error-Code", "GatedRepo")) : null;
        Assert.That(FetchFails(), Does.Contain("a.txt").And.Contain("accept"));
        Assert.That(Entries, Is.Empty);
    }

    [Test]
    public void AMissingRevisionIsNamed() =>
        Assert.That(FetchFails(Request with { Revision = "refs/pr/1" }), Does.Contain("refs/pr/1").And.Contain("--revision").And.Contain("the data set"));

    [Test]
    public void AMissingFileDoesNotStopTheOthers()
    {
        Server.Put("b.txt", "2");
        Server.HubFault = request => request.Path.EndsWith("/a.txt", StringComparison.Ordinal) ? HttpExchangeAnswer.Of(404, ("X-Error-Code", "EntryNotFound")) : null;
        Assert.That(FetchFails(Request with { Parallel = 1 }), Does.Contain("a.txt").And.Contain("404"));
        Assert.That(Entries, Is.EqualTo(["b.txt"]));
    }

    [TestCase("<html>log in</html>", "not JSON")]
    [TestCase("{}", "no commit")]
    public void AnAnswerThatIsNoHubsIsToldAsSuch(string body, string part)
    {
        Server.HubFault = _ => new HttpExchangeAnswer { Body = System.Text.Encoding.UTF8.GetBytes(body) };
        Assert.That(FetchFails(), Does.Contain(part).And.Contain("--endpoint"));
    }

    [TestCase("{}", "no list")]
    [TestCase("""[{"type":"file","path":"a"}]""", "no size")]
    [TestCase("""[{"type":"file","path":"a","size":-1}]""", "no size")]
    [TestCase("""[{"type":"file","size":1}]""", "no path")]
    [TestCase("[]", "no files")]
    public void AListThatIsNoHubsIsToldAsSuch(string body, string part)
    {
        Server.HubFault = request => request.Path.Contains("/tree/") ? new HttpExchangeAnswer { Body = System.Text.Encoding.UTF8.GetBytes(body) } : null;
        Assert.That(FetchFails(), Does.Contain(part));
    }

    [Test]
    public void AnEndpointThatIsNotThereIsTried()
    {
        Server.Hub.Dispose();
        Assert.That(FetchFails(), Does.Contain("could not be reached").And.Contain("proxy"));
        Assert.That(Time.Pauses, Has.Count.EqualTo(3));
    }

    [Test]
    public void RedirectsInACircleEnd()
    {
        Server.HubFault = request => HttpExchangeAnswer.Of(307, ("Location", request.Target));
        Assert.That(FetchFails(), Does.Contain("redirects"));
    }

    [Test]
    public void ARedirectInsideTheHubKeepsTheToken()
    {
        Server.HubFault = request => request.Path.Contains("/old/")
            ? HttpExchangeAnswer.Of(307, ("Location", request.Target.Replace("/old/name", "/owner/set")))
            : request.Header("Authorization") is null ? HttpExchangeAnswer.Of(401) : null;
        Fetch(Request with { Repository = "old/name", Type = HubRepositoryType.Dataset }, Options with { Token = "secret" });
        Assert.That(Entries, Is.EqualTo(["a.txt"]));
    }
}
