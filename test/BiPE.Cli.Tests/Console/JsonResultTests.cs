using System.IO.Pipes;
using BiPE.Cli.Console;
using BiPE.Core;

namespace BiPE.Cli.Tests.Console;

internal sealed class JsonResultTests : CommandTests
{
    [Test]
    public void ATargetIsTriedAndNothingIsLeftBehind()
    {
        string old = Write("old.json", "old");
        JsonResult.RequireWritable(old);
        JsonResult.RequireWritable(PathOf("new/deep/new.json"));
        JsonResult.RequireWritable(JsonResult.StandardOutput);
        JsonResult.RequireWritable(null);

        Assert.That(File.ReadAllText(old), Is.EqualTo("old"));
        Assert.That(Entries, Is.EquivalentTo(["old.json", "new", Path.Combine("new", "deep")]), "but for the folder");
    }

    [Test]
    public void WhatCannotBeWrittenOrMustNotBeReplacedIsRefused()
    {
        string file = Write("file.json", "{\"recorded\":1}");
        JsonResult.RequireWritable(file);
        Assert.That(() => JsonResult.RequireWritable(Path.Combine(file, "below.json")), Throws.TypeOf<BipeException>().With.Message.StartsWith("Cannot write"));
        Assert.That(() => JsonResult.RequireWritable(Folder), Throws.TypeOf<BipeException>().With.Message.Contains("it is a folder"));
        string results = Write("results.jsonl", "{\"record\":\"part\"");
        Assert.That(() => JsonResult.RequireWritable(results, "--profile"), Throws.TypeOf<BipeException>().With.Message.Contains("results file").And.Message.Contains("--profile"));
    }

    [Test]
    [Platform("Linux")]
    public void APipeIsNotRead()
    {
        using var reader = new AnonymousPipeServerStream(PipeDirection.In);
        string pipe = $"/dev/fd/{reader.ClientSafePipeHandle.DangerousGetHandle()}";
        File.CreateSymbolicLink(PathOf("link.json"), pipe);
        Task looked = Task.Run(() =>
        {
            JsonResult.RequireWritable(pipe);
            JsonResult.RequireWritable(PathOf("link.json"));
        });
        Assert.That(looked.Wait(TimeSpan.FromSeconds(30)), "reading would wait for what nobody writes");
    }

    [Test]
    [Platform("Linux")]
    public void NothingIsTriedAmongDevices()
    {
        string[] before = Directory.GetFileSystemEntries("/dev");
        JsonResult.RequireWritable("/dev/null");
        JsonResult.RequireWritable("/dev/nothing-of-this-name");

        Assert.That(Directory.GetFileSystemEntries("/dev"), Is.EquivalentTo(before));
    }
}
