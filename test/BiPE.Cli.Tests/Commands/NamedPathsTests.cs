using BiPE.Cli.Commands;
using BiPE.Core;

namespace BiPE.Cli.Tests.Commands;

internal sealed class NamedPathsTests : CommandTests
{
    [Test]
    public void PathsWithoutNamesAreOneSet() =>
        Assert.That(Groups("a.jsonl", "b.jsonl"), Is.EqualTo(new[] { "a.jsonl, b.jsonl: a.jsonl b.jsonl" }));

    [Test]
    public void NamesMakeSets() =>
        Assert.That(Groups("pg19=a.jsonl", "arxiv=b=c.jsonl", "pg19=d"), Is.EqualTo(new[] { "pg19: a.jsonl d", "arxiv: b=c.jsonl" }));

    [Test]
    public void AnEqualsSignInAPathIsNoName()
    {
        string path = Write("a=b.jsonl", "");
        Assert.That(Groups(path), Is.EqualTo(new[] { $"{path}: {path}" }));
        Assert.That(Groups("folder/a=b.jsonl"), Is.EqualTo(new[] { "folder/a=b.jsonl: folder/a=b.jsonl" }));
    }

    [Test]
    public void SomeNamesAndSomeNoneAreRefused() =>
        Assert.That(() => NamedPaths.Group(["a=b", "c"]), Throws.TypeOf<BipeException>().With.Message.Contains("'c'"));

    private static IEnumerable<string> Groups(params string[] values) =>
        NamedPaths.Group(values).Select(set => $"{set.Name}: {string.Join(' ', set.Paths)}");
}
